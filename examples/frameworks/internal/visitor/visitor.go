// Package visitor does what a visitor of the examples does, over a real connection.
package visitor

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Visitor is a browser that keeps the session's cookie.
type Visitor struct {
	url    string
	client *http.Client
	cookie string
}

// New starts a server of the handler and opens a browser.
func New(t *testing.T, h http.Handler) *Visitor {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	v := &Visitor{url: server.URL, client: server.Client()}
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

// Do makes a request such as "GET /", and returns the status, the body, and how many cookies the response set. A redirect's
// body is its Location.
func (v *Visitor) Do(t *testing.T, request string) (status int, body string, cookies int) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, v.url+path, nil)
	require.NoError(t, err)
	r.Header.Set("Cookie", v.cookie)
	response, err := v.client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	set := response.Header["Set-Cookie"]
	if len(set) > 0 {
		require.True(t, strings.HasPrefix(set[0], "__Host-session="), set[0])
		v.cookie, _, _ = strings.Cut(set[0], ";")
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	}
	if to := response.Header.Get("Location"); to != "" {
		text = []byte(to)
	}
	return response.StatusCode, string(text), len(set)
}

// Tour is what all the examples do.
func Tour(t *testing.T, h http.Handler) {
	v := New(t, h)
	for _, step := range []struct {
		request string
		status  int
		body    string
		cookies int
	}{
		{"GET /", 200, "Views 1\n", 1},
		{"GET /", 200, "Views 2\n", 1},
		{"GET /account", 401, "", 0},
		{"POST /signin", 303, "/account", 1},
		{"GET /account", 200, "Account of alice\n", 0},
		{"GET /", 200, "Views 3\n", 1},
		{"GET /nowhere", 404, "", 0},
	} {
		status, body, cookies := v.Do(t, step.request)
		require.Equal(t, step.status, status, step.request)
		if step.body != "" {
			require.Equal(t, step.body, body, step.request)
		}
		require.Equal(t, step.cookies, cookies, step.request)
	}
	stranger := New(t, h)
	stranger.cookie = "__Host-session=forged"
	status, _, _ := stranger.Do(t, "GET /account")
	require.Equal(t, http.StatusUnauthorized, status)
}
