package mwtest

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var flushing = []behaviour{
	{
		name: "Flush first: the cookie is on the response",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "hello")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, "hello", r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a controller's Flush first: the cookie is on the response",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			if http.NewResponseController(w).Flush() == nil {
				_, _ = io.WriteString(w, "hello")
			}
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, "hello", r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "103 Early Hints first: it has no cookie, and the final response has it",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			clear(w.Header()) // as httputil.ReverseProxy does
			s.change(r)
			w.WriteHeader(http.StatusOK) // no other status here: Echo takes the 103 for the final one
		}),
		check: func(t *testing.T, s *site) {
			r, hints := s.getWithHints(t)
			require.Equal(t, []string{"</a.css>; rel=preload"}, hints.Values("Link"))
			require.Empty(t, hints.Values("Set-Cookie"))
			require.Empty(t, hints.Values("Vary"))
			require.Equal(t, http.StatusOK, r.StatusCode)
			require.Equal(t, 2, s.saved(t, r).Data.N)
		},
	},
	{
		name: "server-sent events: the first one and the cookie arrive while the handler runs",
		serve: func(s *site) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s.change(r)
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = io.WriteString(w, "data: 1\n\n")
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done() // the client has seen it and hangs up
			})
		},
		check: func(t *testing.T, s *site) {
			response, err := s.client.Do(s.request(t, http.MethodGet, "/", nil))
			require.NoError(t, err)
			line, err := bufio.NewReader(response.Body).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "data: 1\n", line)
			require.NoError(t, response.Body.Close())
			require.Equal(t, 1, s.saved(t, &reply{Response: response}).Data.N)
		},
	},
	{
		name: "a controller sets deadlines and full duplex as without the middleware",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			controller := http.NewResponseController(w)
			duplex := controller.EnableFullDuplex()
			if s.stack.HTTP2 {
				duplex = nil // it always is
			}
			if err := errors.Join(duplex, controller.SetReadDeadline(time.Time{}), controller.SetWriteDeadline(time.Time{})); err != nil {
				_, _ = io.WriteString(w, err.Error())
			}
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Empty(t, r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
}

// getWithHints also returns the header of the 103 that came first.
func (s *site) getWithHints(t *testing.T) (*reply, textproto.MIMEHeader) {
	var hints textproto.MIMEHeader
	r := s.request(t, http.MethodGet, "/", nil)
	got := s.do(t, r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			if code == http.StatusEarlyHints {
				hints = header
			}
			return nil
		},
	})))
	require.NotNil(t, hints, "no 103")
	return got, hints
}
