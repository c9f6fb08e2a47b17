package mwtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

type data struct {
	N    int    `json:",omitempty"`
	Text string `json:",omitempty"`
}

const cookieName = "__Host-session"

// site is one server with a jar, as the application of a behaviour sees it (jar) and as its client does (url, client).
type site struct {
	t      *testing.T
	stack  Stack
	jar    *sealjar.Jar[data]
	second *sealjar.Jar[data] // with the cookie __Host-second; mounted by the behaviours that say so
	url    string
	client *http.Client
	close  func() // returns when the server has done with all requests

	running sync.WaitGroup // requests that the server is at
	passed  atomic.Int64   // bytes that a behaviour has counted

	// For handlers that wait, or that outlive their request.
	reached, release chan struct{}
	extra            sync.WaitGroup

	mu     sync.Mutex
	events []sealjar.Event
}

var quiet = log.New(io.Discard, "", 0)

// open starts the server of b on a stack. Its route /session shows the session that a cookie brings.
func open(t *testing.T, b behaviour, k Stack) *site {
	s := &site{t: t, stack: k, reached: make(chan struct{}), release: make(chan struct{})}
	ring := sealjartest.Ring(t)
	s.jar, s.second = s.newJar(ring, cookieName), s.newJar(ring, "__Host-second")
	handler := k.Mount(s.jar, b.fail, b.serve(s))
	if b.around != nil {
		handler = b.around(s, handler)
	}
	routes := http.NewServeMux()
	routes.Handle("/", handler)
	routes.Handle("/session", MountStd(s.jar, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := s.jar.Peek(r.Context())
		_ = json.NewEncoder(w).Encode(seen{session.Data, session.Subject(), session.Flashes()})
	})))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Done()
		routes.ServeHTTP(w, r)
	}))
	server.Config.BaseContext = func(net.Listener) context.Context { return context.WithValue(context.Background(), siteKey{}, s) }
	server.Config.ErrorLog = quiet
	if k.HTTP2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s.close = server.Close
	s.url, s.client = server.URL, server.Client()
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client.Transport.(*http.Transport).DisableCompression = true
	return s
}

func (s *site) newJar(ring *keys.Ring, name string) *sealjar.Jar[data] {
	jar, err := sealjar.New[data](sealjar.Options{
		Keys: ring, Cookie: sealjar.Cookie{Name: name}, Revocation: &list{}, Logger: slog.New(slog.DiscardHandler),
		Observe: func(e sealjar.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, e)
		},
	})
	require.NoError(s.t, err)
	return jar
}

// list is one that answers only while its caller waits, as one would that asks over the network.
type list struct{ revocation.Memory }

func (l *list) Check(ctx context.Context, c revocation.Claims) error {
	return errors.Join(ctx.Err(), l.Memory.Check(ctx, c))
}

// count is how many events there were of a kind, with an error that matches err if that is not nil.
func (s *site) count(kind sealjar.EventKind, err error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Kind == kind && (err == nil || errors.Is(e.Err, err)) {
			n++
		}
	}
	return n
}

type siteKey struct{}

// siteOf is for middleware, which is made before the site.
func siteOf(r *http.Request) *site { return r.Context().Value(siteKey{}).(*site) }

// settle waits until all handlers have returned: a client may have its response before.
func (s *site) settle() { s.running.Wait() }

// change is what most handlers do: it makes the session one that must be written.
func (s *site) change(r *http.Request) { s.jar.From(r.Context()).Data.N++ }

// overfill makes the session one that can't be written.
func (s *site) overfill(r *http.Request) {
	s.jar.From(r.Context()).Data.Text = string(make([]byte, 5000))
}

// reply is a response as a client got it.
type reply struct {
	*http.Response
	body string
	err  error // of reading the body
}

func (s *site) get(t *testing.T, cookies ...*http.Cookie) *reply {
	t.Helper()
	return s.do(t, s.request(t, http.MethodGet, "/", nil), cookies...)
}

func (s *site) request(t *testing.T, method, path string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	require.NoError(t, err)
	return r
}

func (s *site) do(t *testing.T, r *http.Request, cookies ...*http.Cookie) *reply {
	t.Helper()
	for _, c := range cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := s.client.Do(r)
	require.NoError(t, err)
	if s.stack.HTTP2 {
		require.Equal(t, 2, response.ProtoMajor)
	}
	return read(response)
}

func read(response *http.Response) *reply {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &reply{response, string(body), err}
}

// seen is what the route /session shows.
type seen struct {
	Data    data
	Subject string
	Flashes []sealjar.Flash
}

// saved requires that the reply gives the session's cookie, once and out of the reach of caches, and returns what is in it.
func (s *site) saved(t *testing.T, r *reply) seen {
	t.Helper()
	cookie := r.session(t)
	require.NotNil(t, cookie, "no cookie")
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	require.Equal(t, 1, tokens(r.Header, "Vary")["cookie"])
	shown := s.do(t, s.request(t, http.MethodGet, "/session", nil), cookie)
	var got seen
	require.NoError(t, json.Unmarshal([]byte(shown.body), &got), shown.body)
	return got
}

// session is the cookie that the reply sets, or nil.
func (r *reply) session(t *testing.T) *http.Cookie { return r.cookie(t, cookieName) }

func (r *reply) cookie(t *testing.T, name string) *http.Cookie {
	t.Helper()
	var found *http.Cookie
	for _, c := range r.Cookies() {
		if c.Name == name {
			require.Nil(t, found, "the cookie is set twice")
			found = c
		}
	}
	return found
}
