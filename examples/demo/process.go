package main

import (
	"net/http"
	"runtime"
	"runtime/metrics"
)

// figures are what the process needs of the machine, and what it has answered.
type figures struct {
	Heap       uint64 `json:"heap"`    // bytes that are in use, or were and are not collected yet
	Objects    uint64 `json:"objects"` // the same, counted
	Goroutines uint64 `json:"goroutines"`
	Requests   int64  `json:"requests"` // that the application has answered
	Failed     int64  `json:"failed"`   // those of them with a 5xx
}

func (l *lab) figures() (f figures) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/objects:objects"}, {Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	f.Heap, f.Objects, f.Goroutines = samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64()
	f.Requests, f.Failed = l.meter.answered()
	return f
}

// serveCollect first lets go of all that nobody needs any more, revocations of what has expired among it. Then the figures
// of a process that forgets nothing grow with each request, and those of this one must not.
func (l *lab) serveCollect(w http.ResponseWriter, r *http.Request) {
	if _, err := l.store.Sweep(r.Context()); err != nil {
		return // who asked has gone
	}
	runtime.GC()
	runtime.GC() // what pools held is gone only after the second
	l.bell.ring()
	writeJSON(w, http.StatusOK, l.figures())
}
