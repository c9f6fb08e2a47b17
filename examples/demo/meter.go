package main

import (
	"net/http"
	"sync"
	"time"

	"github.com/sealjar/sealjar"
)

// meter counts events for each of the last seconds, and keeps how long the last requests took.
type meter struct {
	bell *bell

	mu       sync.Mutex
	second   int64 // of the last element of each row
	rows     map[string]*[meterSeconds]int
	totals   map[string]int
	reasons  map[string]int
	requests []request
	number   int64 // of requests
	failed   int64 // 5xx among them
}

const (
	meterSeconds = 60
	keptRequests = 150
)

// rowNames are what the chart stacks.
var rowNames = []string{"opened", "sealed", "renewed", "refused"}

// request is one that a server answered.
type request struct {
	At     int64  `json:"at"` // Unix milliseconds
	Micros int64  `json:"us"`
	Server string `json:"server"`
	What   string `json:"what"`
	Status int    `json:"status"`
}

func newMeter(b *bell) *meter {
	m := &meter{bell: b, rows: map[string]*[meterSeconds]int{}, totals: map[string]int{}, reasons: map[string]int{}}
	for _, name := range rowNames {
		m.rows[name] = new([meterSeconds]int)
	}
	return m
}

func (m *meter) count(h happening) {
	name := string(h.Kind)
	if h.Kind == sealjar.EventSealed && h.Renewal {
		name = "renewed"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.rows[name]
	if !ok {
		return
	}
	m.moveTo(h.At.Unix())
	row[meterSeconds-1]++
	m.totals[name]++
	if h.Kind == sealjar.EventRefused {
		m.reasons[h.Reason]++
	}
}

// moveTo makes the given second the last one. What comes late is counted in it.
func (m *meter) moveTo(second int64) {
	steps := min(second-m.second, meterSeconds)
	if steps <= 0 {
		return
	}
	m.second = second
	for _, row := range m.rows {
		copy(row[:], row[steps:])
		clear(row[meterSeconds-steps:])
	}
}

// meterView is what the page draws.
type meterView struct {
	Second   int64            `json:"second"`
	Rows     map[string][]int `json:"rows"`
	Totals   map[string]int   `json:"totals"`
	Reasons  map[string]int   `json:"reasons"`
	Requests []request        `json:"requests"`
}

func (m *meter) view() meterView {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moveTo(time.Now().Unix())
	v := meterView{
		Second: m.second, Rows: map[string][]int{}, Totals: map[string]int{}, Reasons: map[string]int{},
		Requests: append([]request{}, m.requests...),
	}
	for name, row := range m.rows {
		v.Rows[name], v.Totals[name] = append([]int{}, row[:]...), m.totals[name]
	}
	for reason, n := range m.reasons {
		v.Reasons[reason] = n
	}
	return v
}

// timed measures the requests of the application, its session included.
func (m *meter) timed(server string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		began := time.Now()
		next.ServeHTTP(status, r)
		took := time.Since(began)
		m.mu.Lock()
		m.number++
		if status.status >= http.StatusInternalServerError {
			m.failed++
		}
		if len(m.requests) == keptRequests {
			m.requests = append(m.requests[:0], m.requests[1:]...)
		}
		m.requests = append(m.requests, request{
			At: began.UnixMilli(), Micros: took.Microseconds(), Server: server, What: short(r.Method + " " + r.URL.Path), Status: status.status,
		})
		m.mu.Unlock()
		m.bell.ring()
	})
}

// answered says how many requests there were, and how many of them with a 5xx.
func (m *meter) answered() (number, failed int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.number, m.failed
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find the rest.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
