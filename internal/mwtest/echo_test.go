package mwtest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
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

var echoErrors = []echoBehaviour{
	{
		name: "an HTTPError: the cookie is on the response of Echo's error handler",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return echo.NewHTTPError(http.StatusTeapot)
		},
		check: status(http.StatusTeapot),
	},
	{
		name: "a plain error: the cookie is on the 500",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return errors.New("oops")
		},
		check: status(http.StatusInternalServerError),
	},
	{
		name: "an error handler that sets a flash message: it is in the cookie of its response",
		handler: func(*site, echo.Context) error {
			return errors.New("oops")
		},
		errors: func(s *site, err error, c echo.Context) {
			require.NoError(s.t, s.jar.From(c.Request().Context()).AddFlash("error", err.Error()))
			_ = c.Redirect(http.StatusSeeOther, "/")
		},
		check: func(t *testing.T, s *site, r *reply) {
			require.Equal(t, http.StatusSeeOther, r.StatusCode)
			require.Equal(t, []sealjar.Flash{{Kind: "error", Text: "oops"}}, s.saved(t, r).Flashes)
		},
	},
	{
		name: "an error handler and a session that is too large: one clean 500",
		handler: func(s *site, c echo.Context) error {
			s.overfill(c.Request())
			return echo.NewHTTPError(http.StatusTeapot, "the handler's")
		},
		check: func(t *testing.T, s *site, r *reply) { refusedCleanly(t, s, r) },
	},
	{
		name: "an error after the response: it is as it was, once",
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			_ = c.NoContent(http.StatusAccepted)
			return errors.New("oops")
		},
		check: status(http.StatusAccepted),
	},
	{
		name:   "an error after a response that middleware inside has thrown away: the cookie is on what is left",
		inside: []echo.MiddlewareFunc{discarding},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			_ = c.String(http.StatusOK, "hello")
			return errors.New("oops")
		},
		check: func(t *testing.T, s *site, r *reply) {
			require.Empty(t, r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a change after Flush, and then an error: the change is reported",
		handler: func(s *site, c echo.Context) error {
			c.Response().Flush()
			s.change(c.Request())
			return errors.New("oops")
		},
		check: func(t *testing.T, s *site, r *reply) {
			require.Nil(t, r.session(t))
			require.Equal(t, 1, s.count(sealjar.EventUnwritten, sealjar.ErrHeadersSent))
		},
	},
	{
		name:   "a route that is not there: middleware inside has its session on the 404",
		path:   "/nowhere",
		inside: []echo.MiddlewareFunc{changing},
		check:  status(http.StatusNotFound),
	},
	{
		name:   "a method that is not allowed: middleware inside has its session on the 405",
		method: http.MethodDelete,
		inside: []echo.MiddlewareFunc{changing},
		check:  status(http.StatusMethodNotAllowed),
	},
	{
		name:   "a panic and Recover inside: the cookie is on the 500",
		inside: []echo.MiddlewareFunc{middleware.Recover()},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			panic("oops")
		},
		check: status(http.StatusInternalServerError),
	},
	{
		name:   "a panic and Recover outside: Echo's error handler answers with the session, as with any error",
		around: []echo.MiddlewareFunc{middleware.Recover()},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			panic("oops")
		},
		check: status(http.StatusInternalServerError),
	},
	{
		name: "an error that middleware outside turns into a page: the cookie is on it",
		around: []echo.MiddlewareFunc{func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				if next(c) != nil {
					return c.String(http.StatusConflict, "turned")
				}
				return nil
			}
		}},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return errors.New("oops")
		},
		check: status(http.StatusConflict),
	},
}

var echoWrappers = []echoBehaviour{
	{
		name:    "Gzip inside: the cookie is on the compressed response",
		inside:  []echo.MiddlewareFunc{middleware.Gzip()},
		handler: echoPage,
		check: func(t *testing.T, s *site, r *reply) {
			status(http.StatusOK)(t, s, r)
			require.Equal(t, "hello", decompress(t, r))
		},
	},
	{
		name:    "Gzip outside: the cookie is on the compressed response",
		around:  []echo.MiddlewareFunc{middleware.Gzip()},
		handler: echoPage,
		check: func(t *testing.T, s *site, r *reply) {
			status(http.StatusOK)(t, s, r)
			require.Equal(t, "hello", decompress(t, r))
		},
	},
	{
		name:   "Gzip inside, and no body: the cookie is on the response",
		inside: []echo.MiddlewareFunc{middleware.Gzip()},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.NoContent(http.StatusNoContent)
		},
		check: status(http.StatusNoContent),
	},
	{
		name:    "Gzip inside, a session that is too large, and an error handler of one's own: what it says arrives as it is",
		inside:  []echo.MiddlewareFunc{middleware.Gzip()},
		handler: echoOverfilled,
		fail:    func(c echo.Context, _ error) error { return c.String(http.StatusInsufficientStorage, "sorry") },
		check: func(t *testing.T, s *site, r *reply) {
			require.Equal(t, http.StatusInsufficientStorage, r.StatusCode)
			require.Empty(t, r.Header.Get("Content-Encoding"))
			require.Equal(t, "sorry", r.body)
		},
	},
	{
		name:    "Gzip outside, and a session that is too large: one clean 500",
		around:  []echo.MiddlewareFunc{middleware.Gzip()},
		handler: echoOverfilled,
		check: func(t *testing.T, s *site, r *reply) {
			refusedCleanly(t, s, r)
			if r.Header.Get("Content-Encoding") == "gzip" {
				r.body = decompress(t, r)
			}
			require.Equal(t, "Internal Server Error\n", r.body)
		},
	},
	{
		name: "BodyDump inside: the cookie is on the response",
		inside: []echo.MiddlewareFunc{middleware.BodyDump(func(c echo.Context, _, body []byte) {
			c.Logger().Info(body)
		})},
		handler: echoPage,
		check:   status(http.StatusOK),
	},
	{
		name:    "ContextTimeout inside: the cookie is on the response",
		inside:  []echo.MiddlewareFunc{middleware.ContextTimeout(1 << 40)},
		handler: echoPage,
		check:   status(http.StatusOK),
	},
	{
		name: "Status, Size and Committed are those of the handler",
		around: []echo.MiddlewareFunc{logged(func(r *echo.Response) bool {
			return r.Committed && r.Status == http.StatusAccepted && r.Size == 5
		})},
		handler: func(s *site, c echo.Context) error {
			s.change(c.Request())
			return c.String(http.StatusAccepted, "hello")
		},
		check: asLogged,
	},
	{
		name: "Status, Size and Committed are those of the 500 when the session can't be written",
		around: []echo.MiddlewareFunc{logged(func(r *echo.Response) bool {
			return r.Committed && r.Status == http.StatusInternalServerError && r.Size == int64(len("Internal Server Error\n"))
		})},
		handler: echoOverfilled,
		check:   asLogged,
	},
	{
		name: "Status and Committed are those of the 500 also when the handler wrote nothing",
		around: []echo.MiddlewareFunc{logged(func(r *echo.Response) bool {
			return r.Committed && r.Status == http.StatusInternalServerError
		})},
		handler: func(s *site, c echo.Context) error {
			s.overfill(c.Request())
			return nil
		},
		check: asLogged,
	},
}

func echoPage(s *site, c echo.Context) error {
	s.change(c.Request())
	return c.String(http.StatusOK, "hello")
}

func echoOverfilled(s *site, c echo.Context) error {
	s.overfill(c.Request())
	return c.String(http.StatusOK, "the handler's words")
}

// changing is middleware that finds the site's session under any handler.
func changing(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		siteOf(c.Request()).change(c.Request())
		return next(c)
	}
}

// discarding is middleware that throws the response away.
func discarding(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		below := c.Response().Writer
		defer func() { c.Response().Writer = below }()
		c.Response().Writer = httptest.NewRecorder()
		return next(c)
	}
}

// logged is middleware that looks at the response as an access log does.
func logged(right func(*echo.Response) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			if right(c.Response()) {
				siteOf(c.Request()).passed.Add(1)
			}
			return err
		}
	}
}

func asLogged(t *testing.T, s *site, _ *reply) { require.EqualValues(t, 1, s.passed.Load()) }
