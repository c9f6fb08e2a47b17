package main

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

const (
	loadTime  = 5 * time.Second
	loadSlice = 250 * time.Millisecond // the two take turns, so that a busy moment of the machine hits both
	loadUsers = 4                      // requests at a time
)

// load has the server ask itself, with and without sealjar.
type load struct {
	bell   *bell
	client *http.Client

	mu    sync.Mutex
	state loadView
}

// loadView is what the page shows. Seconds are those that the requests took.
type loadView struct {
	Running bool    `json:"running"`
	Part    float64 `json:"part"` // of the whole time, 0 to 1
	Plain   int64   `json:"plain"`
	Sealed  int64   `json:"sealed"`
	Seconds struct {
		Plain  float64 `json:"plain"`
		Sealed float64 `json:"sealed"`
	} `json:"seconds"`
	Failed int64 `json:"failed"`
}

func newLoad(b *bell) *load {
	return &load{bell: b, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadUsers}}}
}

func (l *load) view() loadView {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// begin returns false if a load is running.
func (l *load) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Running {
		return false
	}
	l.state = loadView{Running: true}
	return true
}

// run sends requests with a cookie for some seconds, or until ctx ends.
func (l *load) run(ctx context.Context, server, cookie string) {
	defer l.client.CloseIdleConnections()
	l.slice(ctx, server+"demo/load/plain", cookie, 2*loadUsers*time.Millisecond) // so that the connections are there
	slices := int(loadTime / loadSlice)
	for i := 0; i < slices && ctx.Err() == nil; i++ {
		path := "demo/load/plain"
		if i%2 == 1 {
			path = "demo/load/sealed"
		}
		began := time.Now()
		answered, failed := l.slice(ctx, server+path, cookie, loadSlice)
		took := time.Since(began).Seconds()
		l.mu.Lock()
		if i%2 == 1 {
			l.state.Sealed += answered
			l.state.Seconds.Sealed += took
		} else {
			l.state.Plain += answered
			l.state.Seconds.Plain += took
		}
		l.state.Failed += failed
		l.state.Part = float64(i+1) / float64(slices)
		l.mu.Unlock()
		l.bell.ring()
	}
	l.mu.Lock()
	l.state.Running = false
	l.mu.Unlock()
	l.bell.ring()
}

// slice has all users ask one address for some time.
func (l *load) slice(ctx context.Context, address, cookie string, d time.Duration) (answered, failed int64) {
	var good, bad atomic.Int64
	end := time.Now().Add(d)
	var users sync.WaitGroup
	for range loadUsers {
		users.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				if l.ask(ctx, address, cookie) {
					good.Add(1)
				} else {
					bad.Add(1)
				}
			}
		})
	}
	users.Wait()
	return good.Load(), bad.Load()
}

func (l *load) ask(ctx context.Context, address, cookie string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	r.Header.Set("Cookie", cookie)
	response, err := l.client.Do(r)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil && response.StatusCode == http.StatusOK
}

// loadTargets are the same answer twice: without a session, and by somebody's session.
func loadTargets(jar *sealjar.Jar[State]) (plain, sealed http.Handler) {
	plain = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Hello, somebody.\n") })
	sealed = stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := jar.Peek(r.Context())
		if s.Err() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, "Hello, "+s.Subject()+".\n")
	}))
	return plain, sealed
}

// serveLoad starts a load with the session of who asks, unless one is running.
func (l *lab) serveLoad(w http.ResponseWriter, r *http.Request) {
	if _, err := l.quiet.Load(r); err != nil {
		fail(w, http.StatusConflict, "Your browser has no session yet: visit the page first.")
		return
	}
	if !l.load.begin() {
		fail(w, http.StatusConflict, "A load is running already.")
		return
	}
	cookie := r.Header.Get("Cookie")
	l.running.Go(func() { l.load.run(l.ctx, l.stdURL, cookie) })
	w.WriteHeader(http.StatusAccepted)
}
