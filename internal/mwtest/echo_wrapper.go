package mwtest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Echo's own middleware puts writers above and below ours, and looks at the response afterwards.
func echoWrappers(e Echo) []echoBehaviour {
	return []echoBehaviour{
		{
			name:    "Gzip inside: the cookie is on the compressed response",
			inside:  []EchoMiddleware{e.Gzip},
			handler: echoPage,
			check: func(t *testing.T, s *site, r *reply) {
				status(http.StatusOK)(t, s, r)
				require.Equal(t, "hello", decompress(t, r))
			},
		},
		{
			name:    "Gzip outside: the cookie is on the compressed response",
			around:  []EchoMiddleware{e.Gzip},
			handler: echoPage,
			check: func(t *testing.T, s *site, r *reply) {
				status(http.StatusOK)(t, s, r)
				require.Equal(t, "hello", decompress(t, r))
			},
		},
		{
			name:   "Gzip inside, and no body: the cookie is on the response",
			inside: []EchoMiddleware{e.Gzip},
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.NoContent(http.StatusNoContent)
			},
			check: status(http.StatusNoContent),
		},
		{
			name:    "Gzip inside, a session that is too large, and an error handler of one's own: what it says arrives as it is",
			inside:  []EchoMiddleware{e.Gzip},
			handler: echoOverfilled,
			fail:    func(c EchoContext, _ error) error { return c.String(http.StatusInsufficientStorage, "sorry") },
			check: func(t *testing.T, s *site, r *reply) {
				require.Equal(t, http.StatusInsufficientStorage, r.StatusCode)
				require.Empty(t, r.Header.Get("Content-Encoding"))
				require.Equal(t, "sorry", r.body)
			},
		},
		{
			name:    "Gzip outside, and a session that is too large: one clean 500",
			around:  []EchoMiddleware{e.Gzip},
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
			name:    "BodyDump inside: the cookie is on the response",
			inside:  []EchoMiddleware{e.BodyDump},
			handler: echoPage,
			check:   status(http.StatusOK),
		},
		{
			name:    "ContextTimeout inside: the cookie is on the response",
			inside:  []EchoMiddleware{e.ContextTimeout},
			handler: echoPage,
			check:   status(http.StatusOK),
		},
		{
			name: "Status, Size and Committed are those of the handler",
			around: []EchoMiddleware{logged(e, func(r EchoStatus) bool {
				return r.Committed && r.Status == http.StatusAccepted && r.Size == 5
			})},
			handler: func(s *site, c EchoContext) error {
				s.change(c.Request())
				return c.String(http.StatusAccepted, "hello")
			},
			check: asLogged,
		},
		{
			name: "Status, Size and Committed are those of the 500 when the session can't be written",
			around: []EchoMiddleware{logged(e, func(r EchoStatus) bool {
				return r.Committed && r.Status == http.StatusInternalServerError && r.Size == int64(len("Internal Server Error\n"))
			})},
			handler: echoOverfilled,
			check:   asLogged,
		},
		{
			name: "Status and Committed are those of the 500 also when the handler wrote nothing",
			around: []EchoMiddleware{logged(e, func(r EchoStatus) bool {
				return r.Committed && r.Status == http.StatusInternalServerError
			})},
			handler: func(s *site, c EchoContext) error {
				s.overfill(c.Request())
				return nil
			},
			check: asLogged,
		},
	}
}

func echoPage(s *site, c EchoContext) error {
	s.change(c.Request())
	return c.String(http.StatusOK, "hello")
}

func echoOverfilled(s *site, c EchoContext) error {
	s.overfill(c.Request())
	return c.String(http.StatusOK, "the handler's words")
}

// logged is middleware that looks at the response as an access log does.
func logged(e Echo, right func(EchoStatus) bool) EchoMiddleware {
	return func(next EchoHandler) EchoHandler {
		return func(c EchoContext) error {
			err := next(c)
			if right(e.Status(c)) {
				siteOf(c.Request()).passed.Add(1)
			}
			return err
		}
	}
}

func asLogged(t *testing.T, s *site, _ *reply) { require.EqualValues(t, 1, s.passed.Load()) }
