// Package control is what all sites of package conformance that are written in Go have in common: the routes that drive
// them, the ways to respond, and the place where requests wait.
package control

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/sealjar/sealjar/internal/conformance"
)

// Site is one installation, from one reset to the next.
type Site interface {
	http.Handler
	About() conformance.About
	Clock(ahead time.Duration) error
	Keys(do string) error
	Configure(idle time.Duration) error
	Deploy(form string) error
	Hold() *Hold
}

// New serves the site that open makes with the options of a reset, and drives it.
func New(open func(options url.Values) (Site, error)) http.Handler {
	var mu sync.RWMutex
	var now Site
	site := func() Site {
		mu.RLock()
		defer mu.RUnlock()
		return now
	}
	mux := http.NewServeMux()
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site().ServeHTTP(w, r) })
	mux.Handle("/", pages)
	mux.Handle("/in/", http.StripPrefix("/in", pages))
	mux.HandleFunc("/control/reset", func(w http.ResponseWriter, r *http.Request) {
		next, err := open(r.URL.Query())
		if err == nil {
			mu.Lock()
			now = next
			mu.Unlock()
		}
		report(w, err)
	})
	mux.HandleFunc("/control/about", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(site().About()) })
	mux.HandleFunc("/control/clock", duration("ahead", func(d time.Duration) error { return site().Clock(d) }))
	mux.HandleFunc("/control/configure", duration("idle", func(d time.Duration) error { return site().Configure(d) }))
	mux.HandleFunc("/control/deploy", func(w http.ResponseWriter, r *http.Request) { report(w, site().Deploy(r.FormValue("form"))) })
	mux.HandleFunc("/control/keys", func(w http.ResponseWriter, r *http.Request) { report(w, site().Keys(r.FormValue("do"))) })
	mux.HandleFunc("/control/held", func(w http.ResponseWriter, r *http.Request) { report(w, site().Hold().held(r.Context())) })
	mux.HandleFunc("/control/release", func(w http.ResponseWriter, r *http.Request) { report(w, site().Hold().release(r.Context())) })
	return mux
}

func duration(name string, set func(time.Duration) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, err := time.ParseDuration(r.FormValue(name))
		if err == nil {
			err = set(d)
		}
		report(w, err)
	}
}

func report(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}
