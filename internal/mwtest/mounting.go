package mwtest

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

var mounting = []behaviour{
	{
		name: "the middleware mounted twice: one session, one cookie",
		serve: func(s *site) http.Handler {
			inner := stdmw.New(s.jar, stdmw.Options{})(serving(func(s *site, w http.ResponseWriter, r *http.Request) {
				s.change(r)
				_, _ = io.WriteString(w, "hello")
			})(s))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s.change(r)
				inner.ServeHTTP(w, r)
			})
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, 2, s.saved(t, r).Data.N)
			require.Len(t, r.Header["Set-Cookie"], 1)
			require.Equal(t, 1, s.count(sealjar.EventSealed, nil))
		},
	},
	{
		name:  "two jars: each has its cookie, and what caches are told is told once",
		serve: withSecond(func(s *site, r *http.Request) { s.change(r) }),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, 1, s.saved(t, r).Data.N)
			require.NotNil(t, r.cookie(t, "__Host-second"))
			require.Len(t, r.Header["Set-Cookie"], 2)
		},
	},
	{
		name: "two jars, and the inner session is too large: the outer one is on the 500",
		serve: func(s *site) http.Handler {
			return stdmw.New(s.second, stdmw.Options{})(serving(func(s *site, w http.ResponseWriter, r *http.Request) {
				s.change(r)
				s.second.From(r.Context()).Data.Text = string(make([]byte, 5000))
				_, _ = io.WriteString(w, "the handler's")
			})(s))
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusInternalServerError, r.StatusCode)
			require.Equal(t, "Internal Server Error\n", r.body)
			require.Nil(t, r.cookie(t, "__Host-second"))
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name:  "two jars, and the outer session is too large: no cache may keep the 500, which has the inner one",
		serve: withSecond(func(s *site, r *http.Request) { s.overfill(r) }),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusInternalServerError, r.StatusCode)
			require.Equal(t, "Internal Server Error\n", r.body)
			require.Nil(t, r.session(t))
			require.NotNil(t, r.cookie(t, "__Host-second"))
			require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		},
	},
}

// withSecond mounts the second jar inside of the first, and changes its session too.
func withSecond(use func(s *site, r *http.Request)) func(s *site) http.Handler {
	return func(s *site) http.Handler {
		return stdmw.New(s.second, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			use(s, r)
			s.second.From(r.Context()).Data.N++
			_, _ = io.WriteString(w, "the handler's")
		}))
	}
}
