package sealjar_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
}

// basket is what these tests keep in a session.
type basket struct {
	Views int            `json:"views"`
	Items []string       `json:"items,omitempty"`
	Count map[string]int `json:"count,omitempty"`
	Owner struct{ Name string }
}

// shop is an application with sessions. Its clock stands still until a test moves it.
type shop struct {
	ring *keys.Ring
	list *revocation.Memory

	mu     sync.Mutex
	now    time.Time
	events []sealjar.Event
}

func newShop(t tester) *shop {
	t.Helper()
	s := &shop{ring: ringOf(t, keyOf(t, time.Time{}, time.Time{})), now: time.Date(2026, 5, 4, 12, 0, 0, 123_456_789, time.UTC)}
	s.list = &revocation.Memory{Now: s.Now}
	return s
}

func keyOf(t tester, notBefore, expiry time.Time) *keys.Key {
	t.Helper()
	key, err := keys.Generate(keys.HS256, notBefore, expiry)
	require.NoError(t, err)
	return key
}

func ringOf(t tester, all ...*keys.Key) *keys.Ring {
	t.Helper()
	ring, err := keys.NewRing(all, keys.Options{OpenOnly: true}) // its clock is not the shop's
	require.NoError(t, err)
	return ring
}

func (s *shop) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// pass lets time pass.
func (s *shop) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *shop) observe(e sealjar.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// told returns the events of one kind, and forgets all.
func (s *shop) told(kind sealjar.EventKind) (events []sealjar.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Kind == kind {
			events = append(events, e)
		}
	}
	s.events = nil
	return events
}

func (s *shop) options(change ...func(*sealjar.Options)) sealjar.Options {
	o := sealjar.Options{
		Keys: s.ring, Revocation: s.list, Now: s.Now, Observe: s.observe, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

// jarOf gives a store a minute where the test says nothing of it: a busy machine may take the two seconds of the default.
func jarOf[T any](t tester, s *shop, change ...func(*sealjar.Options)) *sealjar.Jar[T] {
	t.Helper()
	o := s.options(change...)
	if o.Spill.Store != nil && o.Spill.Timeout == 0 {
		o.Spill.Timeout = time.Minute
	}
	jar, err := sealjar.New[T](o)
	require.NoError(t, err)
	return jar
}

// swap is a source of keys that a test changes.
type swap struct{ atomic.Pointer[keys.Ring] }

func (s *swap) Ring() *keys.Ring { return s.Load() }

// visitor is a client that keeps cookies, in no order, and does not look at their attributes.
type visitor map[string]string

// copy is a thief's or an older tab's view of the same cookies.
func (v visitor) copy() visitor {
	other := visitor{}
	for name, value := range v {
		other[name] = value
	}
	return other
}

func (v visitor) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range v {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (v visitor) keep(response *http.Response) {
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(v, c.Name)
			continue
		}
		v[c.Name] = c.Value
	}
}

// serve answers a request of v by handler, inside of the jar's middleware.
func (v visitor) serve(jar sealjar.AnyJar, handler http.HandlerFunc) *http.Response {
	w := httptest.NewRecorder()
	stdmw.New(jar, stdmw.Options{})(handler).ServeHTTP(w, v.request())
	response := w.Result()
	v.keep(response)
	return response
}

// ask is serve for a handler that looks at its session and nothing else.
func ask[T any](v visitor, jar *sealjar.Jar[T], handler func(context.Context, *sealjar.Session[T])) *http.Response {
	return v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		handler(r.Context(), jar.From(r.Context()))
		_, _ = io.WriteString(w, "done")
	})
}

// view is a request that uses its session and changes nothing.
func view[T any](v visitor, jar *sealjar.Jar[T]) *http.Response {
	return ask(v, jar, func(context.Context, *sealjar.Session[T]) {})
}

// signIn is a request that signs subject in.
func signIn[T any](t tester, v visitor, jar *sealjar.Jar[T], subject string) *http.Response {
	t.Helper()
	return ask(v, jar, func(ctx context.Context, s *sealjar.Session[T]) { require.NoError(t, s.SignIn(ctx, subject)) })
}

// subjectOf tells as whom v is known, and why not.
func subjectOf[T any](v visitor, jar *sealjar.Jar[T]) (subject string, err error) {
	s, err := jar.Load(v.request())
	return s.Subject(), err
}

func wrote(response *http.Response) bool { return len(response.Header["Set-Cookie"]) > 0 }

// list answers what a test wants.
type list struct {
	check    error // about sessions that have an id
	checkNew error // about those that are about to get one
	revoke   error
	honest   sealjar.Revocation // asked where there is no error
}

func (l list) Check(ctx context.Context, c revocation.Claims) error {
	err := l.check
	if c.SessionID == "" {
		err = l.checkNew
	}
	if err == nil && l.honest != nil {
		return l.honest.Check(ctx, c)
	}
	return err
}

func (l list) Revoke(ctx context.Context, e revocation.Entry) error {
	if l.revoke == nil && l.honest != nil {
		return l.honest.Revoke(ctx, e)
	}
	return l.revoke
}
