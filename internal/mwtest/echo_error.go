package mwtest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// An error that a handler returns is answered by Echo, after the middleware has returned.
func echoErrors(e Echo) []echoBehaviour {
	return []echoBehaviour{
		{
			name: "an HTTPError: the cookie is on the response of Echo's error handler",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return e.Error(http.StatusTeapot, "I am one")
			},
			check: status(http.StatusTeapot),
		},
		{
			name: "a plain error: the cookie is on the 500",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return errors.New("oops")
			},
			check: status(http.StatusInternalServerError),
		},
		{
			name: "an error handler that sets a flash message: it is in the cookie of its response",
			handler: func(*site, EchoContext) error {
				return errors.New("oops")
			},
			errors: func(s *site, err error, c EchoContext) {
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
			handler: func(s *site, c EchoContext) error {
				s.overfill(c.Request())
				return e.Error(http.StatusTeapot, "the handler's")
			},
			check: func(t *testing.T, s *site, r *reply) { refusedCleanly(t, s, r) },
		},
		{
			name: "an error after the response: it is as it was, once",
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				_ = c.NoContent(http.StatusAccepted)
				return errors.New("oops")
			},
			check: status(http.StatusAccepted),
		},
		{
			name:   "an error after a response that middleware inside has thrown away: the cookie is on what is left",
			inside: []EchoMiddleware{discarding(e)},
			handler: func(s *site, c EchoContext) error {
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
			handler: func(s *site, c EchoContext) error {
				e.Response(c).Flush()
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
			inside: []EchoMiddleware{changing},
			check:  status(http.StatusNotFound),
		},
		{
			name:   "a method that is not allowed: middleware inside has its session on the 405",
			method: http.MethodDelete,
			inside: []EchoMiddleware{changing},
			check:  status(http.StatusMethodNotAllowed),
		},
		{
			name:   "a panic and Recover inside: the cookie is on the 500",
			inside: []EchoMiddleware{e.Recover},
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				panic("oops")
			},
			check: status(http.StatusInternalServerError),
		},
		{
			name:   "a panic and Recover outside: Echo's error handler answers with the session, as with any error",
			around: []EchoMiddleware{e.Recover},
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				panic("oops")
			},
			check: status(http.StatusInternalServerError),
		},
		{
			name: "an error that middleware outside turns into a page: the cookie is on it",
			around: []EchoMiddleware{func(next EchoHandler) EchoHandler {
				return func(c EchoContext) error {
					if next(c) != nil {
						return c.String(http.StatusConflict, "turned")
					}
					return nil
				}
			}},
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return errors.New("oops")
			},
			check: status(http.StatusConflict),
		},
	}
}

// changing is middleware that finds the site's session under any handler.
func changing(next EchoHandler) EchoHandler {
	return func(c EchoContext) error {
		siteOf(c.Request()).change(c.Request())
		return next(c)
	}
}

// discarding is middleware that throws the response away.
func discarding(e Echo) EchoMiddleware {
	return func(next EchoHandler) EchoHandler {
		return func(c EchoContext) error {
			below := e.Swap(c, httptest.NewRecorder())
			defer e.Swap(c, below)
			return next(c)
		}
	}
}
