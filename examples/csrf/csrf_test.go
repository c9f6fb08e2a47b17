package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

// TestRequestsOfOtherSites : what is refused touches no session, and what is allowed gets its cookie.
func TestRequestsOfOtherSites(t *testing.T) {
	stacks := map[string]func(*sealjar.Jar[State]) http.Handler{
		"net/http": std,
		"Echo":     func(jar *sealjar.Jar[State]) http.Handler { return withEcho(jar) },
	}
	for _, c := range []struct {
		name    string
		site    string // Sec-Fetch-Site, which browsers send
		allowed bool
	}{
		{"the same origin allowed", "same-origin", true},
		{"the address bar allowed", "none", true},
		{"another site refused", "cross-site", false},
		{"a subdomain refused", "same-site", false},
	} {
		for name, stack := range stacks {
			t.Run(name+", "+c.name, func(t *testing.T) {
				jar, events := newJar(t)
				request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/order", nil)
				request = sealjartest.WithSession(t, jar, request, func(s *sealjar.Session[State]) { s.Data.Orders = 6 })
				*events = nil
				request.Header.Set("Sec-Fetch-Site", c.site)
				response := serve(stack(jar), request)
				if !c.allowed {
					// Echo asks a subdomain for its token, and says that it is missing.
					require.Contains(t, []int{http.StatusForbidden, http.StatusBadRequest}, response.StatusCode)
					require.Nil(t, cookie(response, "__Host-session"))
					require.Empty(t, *events)
					return
				}
				require.Equal(t, "Orders 7\n", body(t, response))
				require.NotNil(t, cookie(response, "__Host-session"))
				require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
			})
		}
	}
}

// TestEchosTokenAndTheSessionAreTwoCookies, for browsers too old for Sec-Fetch-Site.
func TestEchosTokenAndTheSessionAreTwoCookies(t *testing.T) {
	jar, events := newJar(t)
	handler := withEcho(jar)
	page := serve(handler, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	token := body(t, page)
	require.Equal(t, token, cookie(page, "__Host-csrf").Value)
	require.Equal(t, 1, strings.Count(strings.Join(page.Header["Vary"], ","), "Cookie"), "caches are told once")

	order := func(token string) *http.Response {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/order", nil)
		request.Header.Set(echo.HeaderXCSRFToken, token)
		for _, c := range page.Cookies() {
			request.AddCookie(c)
		}
		return serve(handler, request)
	}
	*events = nil
	refused := order("guessed")
	require.Equal(t, http.StatusForbidden, refused.StatusCode)
	require.Nil(t, cookie(refused, "__Host-session"))
	require.Empty(t, *events)

	allowed := order(token)
	require.Equal(t, "Orders 1\n", body(t, allowed))
	require.NotNil(t, cookie(allowed, "__Host-session"))
	require.NotNil(t, cookie(allowed, "__Host-csrf"))
}

func newJar(t *testing.T) (*sealjar.Jar[State], *[]sealjar.Event) {
	var events []sealjar.Event
	jar, err := sealjar.New[State](sealjar.Options{
		Keys: sealjartest.Ring(t), Observe: func(e sealjar.Event) { events = append(events, e) },
	})
	require.NoError(t, err)
	return jar, &events
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(text)
}

func cookie(r *http.Response, name string) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}
