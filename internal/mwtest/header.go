package mwtest

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var headers = []behaviour{
	{
		name: "cookies that the handler sets before and after it asks for its session stay",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "before", Value: "1"})
			s.change(r)
			http.SetCookie(w, &http.Cookie{Name: "after", Value: "1"})
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.NotNil(t, r.cookie(t, "before"))
			require.NotNil(t, r.cookie(t, "after"))
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a handler that sets a cookie of the jar's name: it gives way",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			http.SetCookie(w, &http.Cookie{Name: cookieName, Value: "mine", Path: "/", Secure: true})
		}),
		check: func(t *testing.T, s *site) { require.Equal(t, 1, s.saved(t, s.get(t)).Data.N) },
	},
	{
		name: "a handler that invites caches to a response with the cookie: overruled, and reported",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Cache-Control", "public, max-age=3600")
			w.Header().Set("CDN-Cache-Control", "max-age=3600")
			w.Header().Set("Surrogate-Control", "max-age=3600")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, 1, s.saved(t, r).Data.N)
			require.NotContains(t, r.Header, "Cdn-Cache-Control")
			require.NotContains(t, r.Header, "Surrogate-Control")
			require.Equal(t, 1, s.count(sealjar.EventUncached, nil))
		},
	},
	{
		name: "a handler that has named the cookie in Vary: it is not named twice",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Add("Vary", "Accept-Encoding")
			w.Header().Add("Vary", "Origin, cookie")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, map[string]int{"accept-encoding": 1, "origin": 1, "cookie": 1}, tokens(r.Header, "Vary"))
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a Content-Length of the handler's stays",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Content-Length", "5")
			_, _ = io.WriteString(w, "hello")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.EqualValues(t, 5, r.ContentLength)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "trailers arrive, and the cookie is not among them",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Trailer", "Checksum")
			_, _ = io.WriteString(w, "hello")
			_ = http.NewResponseController(w).Flush()
			w.Header().Set("Checksum", "1")
			w.Header().Set(http.TrailerPrefix+"Late", "2")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.Header{"Checksum": {"1"}, "Late": {"2"}}, r.Trailer)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "signing out deletes the cookie, out of the reach of caches",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			if session := s.jar.From(r.Context()); session.IsNew() {
				session.Data.N = 1
			} else {
				_ = session.End(r.Context())
			}
			w.Header().Set("Cache-Control", "max-age=60")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t, s.get(t).session(t))
			gone := r.session(t)
			require.NotNil(t, gone)
			require.Empty(t, gone.Value)
			require.Negative(t, gone.MaxAge)
			require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		},
	},
}
