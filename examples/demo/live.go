package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// snapshot is all that the page shows and that does not depend on who looks.
type snapshot struct {
	Demo        string           `json:"demo"`  // another one after the demo was started anew
	Now         int64            `json:"now"`   // Unix milliseconds
	Epoch       int64            `json:"epoch"` // when it changes, the answers of the servers may have
	Lines       []line           `json:"lines"` // those that are new
	Keys        []keyView        `json:"keys"`
	Sessions    []sessionRow     `json:"sessions"`
	Revocations []revocationView `json:"revocations"`
	Meter       meterView        `json:"meter"`
	Load        loadView         `json:"load"`
	Node        nodeView         `json:"node"`
	Process     figures          `json:"process"`
}

type nodeView struct {
	PID   int  `json:"pid"`
	Away  bool `json:"away"` // the store was taken away from it
	Stale bool `json:"stale"`
	Gone  bool `json:"gone"` // it has ended
}

func (l *lab) snapshot(epoch, line int64) snapshot {
	now := time.Now()
	_, node := l.node.get()
	_, node.Away = l.store.connection()
	return snapshot{
		Demo: l.name, Now: now.UnixMilli(), Epoch: epoch, Lines: l.journal.since(line), Keys: l.rotation.view(now), Sessions: l.sessions.view(),
		Revocations: l.store.view(), Meter: l.meter.view(), Load: l.load.view(), Node: node,
		Process: l.figures(),
	}
}

const (
	livePause = 100 * time.Millisecond // at most ten pictures a second
	liveBeat  = time.Second            // and one at least: time passes
)

// serveLive sends a snapshot whenever there is something new, as server-sent events. The id of each is the last line of
// the log that it has, so a browser that comes back gets those that it has missed, and all of them from a demo that was
// started anew.
func (l *lab) serveLive(w http.ResponseWriter, r *http.Request) {
	var line int64
	if number, ours := strings.CutPrefix(r.Header.Get("Last-Event-ID"), l.name+"-"); ours {
		line, _ = strconv.ParseInt(number, 10, 64)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		news, epoch := l.bell.wait()
		s := l.snapshot(epoch, line)
		if n := len(s.Lines); n > 0 {
			line = s.Lines[n-1].Number
		}
		data, err := json.Marshal(s)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "id: %s-%d\ndata: %s\n\n", l.name, line, data); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-news:
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-l.ctx.Done():
			return
		}
		select {
		case <-time.After(livePause):
		case <-l.ctx.Done():
			return
		}
	}
}
