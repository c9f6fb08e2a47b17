package mwtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// behaviour is a promise: given what the application does, a client sees this.
type behaviour struct {
	name   string // the promise in one sentence
	serve  func(s *site) http.Handler
	check  func(t *testing.T, s *site)
	around func(s *site, h http.Handler) http.Handler // what is mounted outside of the middleware
	fail   Failure
	on     func(k Stack) bool // nil: every stack can do it
}

// The stacks that can do something.
func http1(k Stack) bool { return !k.HTTP2 }
func http2(k Stack) bool { return k.HTTP2 }
func std1(k Stack) bool  { return !k.Echo && !k.HTTP2 }

// tellsHintsApart is not true of Echo's Response below our writer: it takes a 103 for the final status.
func tellsHintsApart(k Stack) bool { return !k.HintsAreFinal }

// Run tests the promises on each of the stacks.
func Run(t *testing.T, stacks ...Stack) {
	table := slices.Concat(
		statuses, flushing, upgrades, proxying, files, timeouts, compression, panics, failures, headers, lateness, mounting, bodies,
	)
	for _, k := range stacks {
		t.Run(k.Name, func(t *testing.T) {
			for _, b := range table {
				if b.on != nil && !b.on(k) {
					continue
				}
				t.Run(b.name, func(t *testing.T) {
					b.check(t, open(t, b, k))
				})
			}
			t.Run("temporary files of forms are removed", func(t *testing.T) { removesTemporaryFiles(t, k) })
			t.Run("the pattern of a mux inside reaches who logs outside", func(t *testing.T) { passesPattern(t, k) })
		})
	}
}

// serving makes a handler of a behaviour from a function that needs the site.
func serving(f func(s *site, w http.ResponseWriter, r *http.Request)) func(*site) http.Handler {
	return func(s *site) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(s, w, r) })
	}
}

// tokens counts the words of a header that is a list.
func tokens(h http.Header, name string) map[string]int {
	count := make(map[string]int)
	for _, line := range h.Values(name) {
		for word := range strings.SplitSeq(line, ",") {
			count[strings.ToLower(strings.TrimSpace(word))]++
		}
	}
	return count
}
