package mwtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// echoBehaviour is a promise to handlers of Echo's own kind.
type echoBehaviour struct {
	name    string
	around  []EchoMiddleware // outside of ours
	inside  []EchoMiddleware
	handler func(s *site, c EchoContext) error // of GET /
	errors  func(s *site, err error, c EchoContext)
	fail    func(c EchoContext, err error) error
	path    string // empty: /
	method  string // empty: GET
	check   func(t *testing.T, s *site, r *reply)
}

// status requires a status and a session of one change.
func status(code int) func(t *testing.T, s *site, r *reply) {
	return func(t *testing.T, s *site, r *reply) {
		require.Equal(t, code, r.StatusCode)
		require.Equal(t, 1, s.saved(t, r).Data.N)
	}
}

// RunEcho tests the promises to handlers of Echo's own kind.
func RunEcho(t *testing.T, e Echo) {
	table := slices.Concat(echoAnswers(e), echoErrors(e), echoWrappers(e))
	for _, k := range []Stack{{Name: "HTTP 1.1"}, {Name: "HTTP 2", HTTP2: true}} {
		for _, b := range table {
			t.Run(k.Name+"/"+b.name, func(t *testing.T) {
				native := Stack{Name: k.Name, HTTP2: k.HTTP2, Echo: true, Mount: func(jar sealjar.AnyJar, _ Failure, _ http.Handler) http.Handler {
					return e.Mount(b.app(jar))
				}}
				s := open(t, behaviour{serve: func(*site) http.Handler { return nil }}, native)
				method := b.method
				if method == "" {
					method = http.MethodGet
				}
				request := s.request(t, method, b.path, nil)
				request.Header.Set("Accept-Encoding", "gzip")
				r := s.do(t, request)
				s.settle()
				b.check(t, s, r)
			})
		}
	}
}

func (b *echoBehaviour) app(jar sealjar.AnyJar) EchoApp {
	app := EchoApp{
		Jar: jar, Around: b.around, Inside: b.inside, Fail: b.fail,
		Handler: func(c EchoContext) error { return b.handler(siteOf(c.Request()), c) },
	}
	if b.errors != nil {
		app.Errors = func(c EchoContext, err error) { b.errors(siteOf(c.Request()), err, c) }
	}
	return app
}

func echoAnswers(e Echo) []echoBehaviour {
	return []echoBehaviour{
		{
			name: "c.JSON: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.JSON(http.StatusCreated, "hello")
			},
			check: status(http.StatusCreated),
		},
		{
			name: "c.Redirect: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.Redirect(http.StatusSeeOther, "/elsewhere")
			},
			check: status(http.StatusSeeOther),
		},
		{
			name: "c.NoContent: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.NoContent(http.StatusNoContent)
			},
			check: status(http.StatusNoContent),
		},
		{
			name: "c.Stream: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.Stream(http.StatusOK, "text/plain", strings.NewReader("hello"))
			},
			check: status(http.StatusOK),
		},
		{
			name: "c.File: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.File("main_test.go")
			},
			check: status(http.StatusOK),
		},
		{
			name: "a handler that returns nil and writes nothing: the cookie is on the empty 200",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return nil
			},
			check: status(http.StatusOK),
		},
		{
			name: "c.Response().Flush first: the cookie is on the response",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				e.Response(c).Flush()
				return c.String(http.StatusOK, "hello")
			},
			check: status(http.StatusOK),
		},
		{
			name: "103 Early Hints below c.Response: the final status and its cookie are whole",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				e.Response(c).Unwrap().WriteHeader(http.StatusEarlyHints)
				return c.NoContent(http.StatusCreated)
			},
			check: status(http.StatusCreated),
		},
		{
			name: "functions of Response.Before and After run, and Before can still change the session",
			handler: func(s *site, c EchoContext) error {
				e.Response(c).Before(func() { s.change(c.Request()) })
				e.Response(c).After(func() { s.passed.Add(1) })
				return c.String(http.StatusOK, "hello")
			},
			check: func(t *testing.T, s *site, r *reply) {
				status(http.StatusOK)(t, s, r)
				require.EqualValues(t, 1, s.passed.Load())
			},
		},
	}
}
