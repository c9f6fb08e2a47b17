package main

import (
	"net/http"
	"sync"
)

// bell wakes whoever waits for something new.
type bell struct {
	mu    sync.Mutex
	next  chan struct{}
	epoch int64
}

func newBell() *bell { return &bell{next: make(chan struct{})} }

// ring says that there is something to show.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// turn is ring for what may change the answers of the servers, so that a page asks them again.
func (b *bell) turn() {
	b.mu.Lock()
	b.epoch++
	b.mu.Unlock()
	b.ring()
}

// wait returns a channel that is closed when the bell rings, and how often it was turned.
func (b *bell) wait() (<-chan struct{}, int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next, b.epoch
}

// handler turns the bell after each answer that changes the browser's cookies: it may have a second window, which shows the
// old ones.
func (b *bell) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if w.Header()["Set-Cookie"] != nil {
			b.turn()
		}
	})
}
