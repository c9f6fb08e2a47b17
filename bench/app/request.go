package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// Do sends one request into the application, without a network, and returns what it answers. The cookie is a whole
// Cookie header, or empty.
func (a App) Do(path, cookie string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.Handler.ServeHTTP(w, NewRequest(path, cookie))
	return w
}

// NewRequest is a request as a browser sends it, with a cookie of somebody else's before ours.
func NewRequest(path, cookie string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("User-Agent", "bench")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r
}

// Begin begins a session and returns the Cookie header that goes on with it.
func (a App) Begin() (string, error) {
	w := a.Do(Start, "")
	line := w.Header().Get("Set-Cookie")
	pair, _, _ := strings.Cut(line, ";")
	if w.Code != http.StatusOK || (pair == "" && !a.bare()) {
		return "", fmt.Errorf("bench: %s begins no session: status %d", a.Name, w.Code)
	}
	return strings.TrimSuffix("theme=dark; "+pair, "; "), nil
}

func (a App) bare() bool { return strings.HasPrefix(a.Name, "no session") }
