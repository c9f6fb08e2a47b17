// Package tour does what a visitor of these examples does, over real connections.
package tour

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Visitor is a browser with cookies for one site, which several servers may be behind.
type Visitor struct{ Cookies map[string]string }

// Copy is a thief's.
func (v *Visitor) Copy() *Visitor { return &Visitor{Cookies: maps.Clone(v.Cookies)} }

// Do makes a request such as "GET /" and returns the text of the response behind redirects.
func (v *Visitor) Do(t *testing.T, h http.Handler, request string) string {
	t.Helper()
	method, target, _ := strings.Cut(request, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, "https://example.com"+target, nil)
	for _, name := range slices.Sorted(maps.Keys(v.Cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: v.Cookies[name]})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	response := w.Result()
	for _, cookie := range response.Cookies() {
		if v.Cookies == nil {
			v.Cookies = map[string]string{}
		}
		if v.Cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(v.Cookies, cookie.Name)
		}
	}
	if to := response.Header.Get("Location"); to != "" {
		return v.Do(t, h, "GET "+to)
	}
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text)
}

// Whole is what both versions of an application show a visitor.
func Whole(t *testing.T, h http.Handler) {
	var v Visitor
	for _, step := range [][2]string{
		{"GET /", "Views 1 \n"},
		{"GET /", "Views 2 \n"},
		{"POST /signin", "Welcome.\nViews 3 alice\n"},
		{"GET /", "Views 4 alice\n"},
		{"POST /signout", "Views 1 \n"},
		{"POST /signin?remember=on", "Welcome.\nViews 2 alice\n"},
	} {
		require.Equal(t, step[1], v.Do(t, h, step[0]), step[0])
	}
}
