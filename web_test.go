package sealjar_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// webState is what the sessions of these tests hold.
type webState struct {
	Views int    `json:"views,omitempty"`
	Text  string `json:"text,omitempty"`
}

// webSession is what a handler of these tests does with its session, and with the response.
type webSession func(w http.ResponseWriter, s *sealjar.Session[webState])

// webStart is when the clock of these tests starts.
var webStart = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// webClock is a clock that stands still until it is moved.
type webClock struct {
	mu  sync.Mutex
	now time.Time
}

func newWebClock() *webClock { return &webClock{now: webStart} }

func (c *webClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *webClock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// webJar makes a jar with a ring and a clock of its own where options have none.
func webJar(t testing.TB, options sealjar.Options) *sealjar.Jar[webState] {
	t.Helper()
	if options.Keys == nil {
		options.Keys = sealjartest.Ring(t)
	}
	if options.Now == nil {
		options.Now = newWebClock().Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	jar, err := sealjar.New[webState](options)
	require.NoError(t, err)
	return jar
}

// webServe answers a request with these Cookie lines by a handler that asks for its session.
func webServe(jar *sealjar.Jar[webState], do webSession, cookies ...string) *http.Response {
	return webRespond(jar, func(w http.ResponseWriter, r *http.Request) { do(w, jar.From(r.Context())) }, cookies...)
}

// webRespond is webServe for a handler that may not ask.
func webRespond(jar sealjar.AnyJar, handler http.HandlerFunc, cookies ...string) *http.Response {
	w := newWebRecorder()
	stdmw.New(jar, stdmw.Options{})(handler).ServeHTTP(w, newWebRequest(cookies...))
	return w.Result()
}

// newWebRequest is a request with these Cookie lines.
func newWebRequest(cookies ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	if len(cookies) > 0 {
		r.Header["Cookie"] = cookies
	}
	return r
}

func newWebRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// webCount counts a view.
func webCount(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ }

// webRead reads and changes nothing.
func webRead(http.ResponseWriter, *sealjar.Session[webState]) {}

// webSeal returns name=value of a session that a handler has made.
func webSeal(t testing.TB, jar *sealjar.Jar[webState], do webSession) string {
	t.Helper()
	lines := webServe(jar, do).Header["Set-Cookie"]
	require.Len(t, lines, 1)
	pair, _, _ := strings.Cut(lines[0], ";")
	return pair
}

// webSealViews is webSeal of a session with so many views.
func webSealViews(t testing.TB, jar *sealjar.Jar[webState], views int) string {
	t.Helper()
	return webSeal(t, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views = views })
}

// webViews returns the views and the reason that a request with these Cookie lines sees.
func webViews(jar *sealjar.Jar[webState], cookies ...string) (views int, err error) {
	webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { views, err = s.Data.Views, s.Err() }, cookies...)
	return views, err
}

// webEvents collects events.
type webEvents struct {
	mu  sync.Mutex
	all []sealjar.Event
}

func (e *webEvents) Observe(event sealjar.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// Take returns the events since the last call.
func (e *webEvents) Take() []sealjar.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all
	e.all = nil
	return all
}

// Kinds is Take for the kinds alone.
func (e *webEvents) Kinds() []sealjar.EventKind {
	var kinds []sealjar.EventKind
	for _, event := range e.Take() {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func webBody(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}
