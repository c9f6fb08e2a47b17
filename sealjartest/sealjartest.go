// Package sealjartest helps to test handlers that use sealjar sessions: a ring of keys, a request that has a session
// already, the session that a response leaves behind, and a browser-like client with a cookie jar.
//
// Time needs no helper: let [sealjar.Options.Now] return a variable, or run the test in a bubble of testing/synctest.
// A session is refused from 30 seconds after its end on: clocks of nodes may differ.
package sealjartest

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
)

// Ring returns a ring of one fresh key that seals since ever and opens for ever. It fails the test if it can't.
func Ring(tb testing.TB) *keys.Ring {
	tb.Helper()
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		tb.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// WithSession gives r a session: change is called with the one that r has, or an empty one, and its cookie takes the place
// of the jar's cookie in r; other cookies stay as they are. It returns r. It fails the test if the session can't be sealed.
func WithSession[T any](tb testing.TB, jar *sealjar.Jar[T], r *http.Request, change func(*sealjar.Session[T])) *http.Request {
	tb.Helper()
	session, _ := jar.Load(r)
	change(session)
	w := httptest.NewRecorder()
	if err := jar.Save(w, session); err != nil {
		tb.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		pair := ""
		if c.MaxAge >= 0 {
			pair = c.Name + "=" + c.Value
		}
		replaceCookie(r.Header, c.Name, pair)
	}
	return r
}

// replaceCookie puts pair in the place of the cookies of a name, and leaves all others byte for byte, also those that net/http
// can't parse or would lose, which browsers and proxies send all the same.
func replaceCookie(h http.Header, name, pair string) {
	var lines []string
	for _, line := range h["Cookie"] {
		pairs := strings.Split(line, ";")
		kept := slices.DeleteFunc(slices.Clone(pairs), func(pair string) bool {
			found, _, _ := strings.Cut(pair, "=")
			return strings.TrimSpace(found) == name
		})
		if len(kept) < len(pairs) {
			line = strings.TrimLeft(strings.Join(kept, ";"), " ")
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	switch {
	case pair == "":
	case len(lines) == 0:
		lines = []string{pair}
	default:
		lines[0] += "; " + pair
	}
	if h["Cookie"] = lines; lines == nil {
		h.Del("Cookie")
	}
}

// SessionOf returns the session with which the browser would come back that got this response and had no cookie
// before: an empty one with [sealjar.ErrNone] if the response set or left none. Nothing of a change to it goes anywhere.
func SessionOf[T any](tb testing.TB, jar *sealjar.Jar[T], response *http.Response) *sealjar.Session[T] {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/", nil)
	for _, c := range response.Cookies() {
		if c.MaxAge >= 0 {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	session, _ := jar.Load(r)
	return session
}

// Client starts a server with handler on a loopback port and returns a client that trusts it, keeps its cookies and follows
// redirects, as a browser does, and the server's address, which begins with https://. Both are closed when the test ends.
//
// For a jar with a Domain, the client also finds the server under https://example.com and every host below it.
func Client(tb testing.TB, handler http.Handler) (client *http.Client, address string) {
	tb.Helper()
	server := httptest.NewTLSServer(handler)
	tb.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	client = server.Client()
	client.Jar = jar
	return client, server.URL
}
