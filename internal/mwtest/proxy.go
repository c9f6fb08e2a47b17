package mwtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var proxying = []behaviour{
	{
		name: "a reverse proxy: our cookie is added to those of the upstream, and its invitation to caches is overruled",
		serve: proxyTo(func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "upstream", Value: "1"})
			w.Header().Set("Cache-Control", "public, max-age=60")
			w.Header().Set("Vary", "Accept")
			_, _ = io.WriteString(w, "from upstream")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, "from upstream", r.body)
			require.NotNil(t, r.cookie(t, "upstream"))
			require.Equal(t, 1, s.saved(t, r).Data.N)
			require.Equal(t, 1, tokens(r.Header, "Vary")["accept"])
			require.Equal(t, 1, s.count(sealjar.EventUncached, nil))
		},
	},
	{
		name: "a reverse proxy whose upstream sends a 103: it passes without the cookie, and the final response has it",
		serve: proxyTo(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "from upstream")
		}),
		check: func(t *testing.T, s *site) {
			r, hints := s.getWithHints(t)
			require.NotEmpty(t, hints.Values("Link"))
			require.Empty(t, hints.Values("Set-Cookie"))
			require.Equal(t, "from upstream", r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "an upgrade through a reverse proxy: the cookie is on the 101",
		on:   http1,
		serve: proxyTo(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "parrot")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			parrot(buffer)
		}),
		check: upgraded,
	},
	{
		name: "a reverse proxy whose upstream is gone: the cookie is on the 502",
		serve: func(s *site) http.Handler {
			return s.proxy("http://127.0.0.1:1")
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusBadGateway, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
}

func proxyTo(upstream http.HandlerFunc) func(*site) http.Handler {
	return func(s *site) http.Handler {
		server := httptest.NewServer(upstream)
		s.t.Cleanup(server.Close)
		return s.proxy(server.URL)
	}
}

// proxy changes the session and leaves the response to another server.
func (s *site) proxy(to string) http.Handler {
	target, err := url.Parse(to)
	require.NoError(s.t, err)
	transport := new(http.Transport)
	s.t.Cleanup(transport.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ErrorLog:  quiet,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.change(r)
		proxy.ServeHTTP(w, r)
	})
}
