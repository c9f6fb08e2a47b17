package main

import (
	"slices"
	"sync"

	"github.com/sealjar/sealjar"
)

// sessionTable is of the sessions that events told of. It knows no more than an operator's log does.
type sessionTable struct {
	mu  sync.Mutex
	all []*sessionRow // the latest last
}

// sessionRow is a session as the page lists it.
type sessionRow struct {
	SessionID string `json:"sid"`
	Subject   string `json:"subject"`
	Device    string `json:"device"`
	Server    string `json:"server"` // the last one that saw it
	KeyID     string `json:"kid"`
	Began     int64  `json:"began"` // Unix milliseconds
	Seen      int64  `json:"seen"`
	State     string `json:"state"` // live, ended, or why it was refused
}

const keptSessions = 24

// saw takes in what an event says about a session.
func (t *sessionTable) saw(h happening) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h.Kind == sealjar.EventEnded && h.SessionID == "" {
		t.endSubject(h.Subject)
		return
	}
	if h.SessionID == "" {
		return
	}
	row := t.find(h.SessionID)
	if row == nil {
		if h.Kind != sealjar.EventOpened && h.Kind != sealjar.EventSealed {
			return
		}
		row = &sessionRow{SessionID: h.SessionID, Began: h.At.UnixMilli()}
		if t.all = append(t.all, row); len(t.all) > keptSessions {
			t.dropOne()
		}
	}
	switch h.Kind {
	case sealjar.EventOpened, sealjar.EventSealed:
		row.Subject, row.KeyID, row.Device, row.Server, row.Seen = h.Subject, h.KeyID, h.Device, h.Server, h.At.UnixMilli()
		row.State = "live"
	case sealjar.EventEnded:
		if !h.Failed {
			row.State = "ended"
		}
	case sealjar.EventRefused:
		if h.Reason != "can't tell" && row.State != "ended" {
			row.State = h.Reason
		}
	}
}

func (t *sessionTable) find(sid string) *sessionRow {
	if i := slices.IndexFunc(t.all, func(r *sessionRow) bool { return r.SessionID == sid }); i >= 0 {
		return t.all[i]
	}
	return nil
}

// endSubject marks what a revocation of the subject ends. One that it spares is live again with its next event.
func (t *sessionTable) endSubject(subject string) {
	for _, row := range t.all {
		if row.Subject == subject && row.State == "live" {
			row.State = "ended"
		}
	}
}

// revoked marks a session that the page has revoked, before anybody tried it.
func (t *sessionTable) revoked(sid string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if row := t.find(sid); row != nil {
		row.State = "revoked"
	}
}

// dropOne makes room for the last: the oldest that is over goes, or the oldest.
func (t *sessionTable) dropOne() {
	i := max(0, slices.IndexFunc(t.all[:len(t.all)-1], func(r *sessionRow) bool { return r.State != "live" }))
	t.all = slices.Delete(t.all, i, i+1)
}

// view lists the sessions, the latest first.
func (t *sessionTable) view() []sessionRow {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := make([]sessionRow, 0, len(t.all))
	for _, row := range slices.Backward(t.all) {
		rows = append(rows, *row)
	}
	return rows
}
