package mwtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
)

// echoBehaviour is a promise to handlers of Echo's own kind.
type echoBehaviour struct {
	name    string
	around  []echo.MiddlewareFunc // outside of ours
	inside  []echo.MiddlewareFunc
	handler func(s *site, c echo.Context) error // of GET /
	errors  func(s *site, err error, c echo.Context)
	fail    func(c echo.Context, err error) error
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

func TestEchoBehaviours(t *testing.T) {
	table := slices.Concat(echoAnswers, echoErrors, echoWrappers)
	for _, k := range []stack{{name: "HTTP 1.1"}, {name: "HTTP 2", http2: true}} {
		for _, b := range table {
			t.Run(k.name+"/"+b.name, func(t *testing.T) {
				native := stack{name: k.name, http2: k.http2, echo: true, mount: b.mount}
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

// mount puts b into an Echo of its own, in place of the net/http handler.
func (b *echoBehaviour) mount(jar sealjar.AnyJar, _ failure, _ http.Handler) http.Handler {
	e := newEcho()
	e.Use(b.around...)
	e.Use(echomw.WithConfig(echomw.Config{Jar: jar, ErrorHandler: b.fail}))
	e.Use(b.inside...)
	e.GET("/", func(c echo.Context) error { return b.handler(siteOf(c.Request()), c) })
	if b.errors != nil {
		e.HTTPErrorHandler = func(err error, c echo.Context) { b.errors(siteOf(c.Request()), err, c) }
	}
	return e
}

var echoAnswers = []echoBehaviour{
	{
		name: "c.JSON: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.JSON(http.StatusCreated, "hello")
		},
		check: status(http.StatusCreated),
	},
	{
		name: "c.Redirect: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.Redirect(http.StatusSeeOther, "/elsewhere")
		},
		check: status(http.StatusSeeOther),
	},
	{
		name: "c.NoContent: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.NoContent(http.StatusNoContent)
		},
		check: status(http.StatusNoContent),
	},
	{
		name: "c.Stream: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.Stream(http.StatusOK, echo.MIMETextPlain, strings.NewReader("hello"))
		},
		check: status(http.StatusOK),
	},
	{
		name: "c.File: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.File("echo_test.go")
		},
		check: status(http.StatusOK),
	},
	{
		name: "a handler that returns nil and writes nothing: the cookie is on the empty 200",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return nil
		},
		check: status(http.StatusOK),
	},
	{
		name: "c.Response().Flush first: the cookie is on the response",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			c.Response().Flush()
			return c.String(http.StatusOK, "hello")
		},
		check: status(http.StatusOK),
	},
	{
		name: "103 Early Hints below c.Response: the final status and its cookie are whole",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			c.Response().Writer.WriteHeader(http.StatusEarlyHints)
			return c.NoContent(http.StatusCreated)
		},
		check: status(http.StatusCreated),
	},
	{
		name: "functions of Response.Before and After run, and Before can still change the session",
		handler: func(s *site, c echo.Context) error {
			c.Response().Before(func() { s.change(c.Request()) })
			c.Response().After(func() { s.passed.Add(1) })
			return c.String(http.StatusOK, "hello")
		},
		check: func(t *testing.T, s *site, r *reply) {
			status(http.StatusOK)(t, s, r)
			require.EqualValues(t, 1, s.passed.Load())
		},
	},
}
