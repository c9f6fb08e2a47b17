package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A name that somebody else's DNS has for 127.0.0.1 is refused.
func TestHosts(t *testing.T) {
	for host, allowed := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:8080": true, "127.0.0.1": true, "127.0.0.1:8080": true, "127.1.2.3": true,
		"[::1]": true, "[::1]:8080": true,
		"": false, "evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
		"192.0.2.1:8080": false, "0.0.0.0": false, "[::]": false, "localhost:8080:1": false,
	} {
		require.Equal(t, allowed, isLoopback(host), host)
	}
	std, _ := start(t, filepath.Join(t.TempDir(), "keys.json"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, std, nil)
	require.NoError(t, err)
	r.Host = "evil.example"
	response, err := plainClient().Do(r)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusMisdirectedRequest, response.StatusCode)
}

// The two servers and their cookie are those of localhost, so a browser that comes by an address is sent there.
func TestBrowsersAreSentToLocalhost(t *testing.T) {
	std, _ := start(t, filepath.Join(t.TempDir(), "keys.json"))
	_, port, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(std, "http://"), "/"), ":")
	for _, c := range []struct{ method, host, accept, location string }{
		{http.MethodGet, "127.0.0.1:" + port, "text/html", "http://localhost:" + port + "/?a=b"},
		{http.MethodGet, "[::1]:" + port, "text/html", "http://localhost:" + port + "/?a=b"},
		{http.MethodGet, "127.0.0.1", "text/html", "http://localhost/?a=b"},
		{http.MethodGet, "localhost:" + port, "text/html", ""},
		{http.MethodGet, "LOCALHOST:1234", "text/html", ""},
		{http.MethodGet, "127.0.0.1:" + port, "*/*", ""},
		{http.MethodPost, "127.0.0.1:" + port, "text/html", ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, std+"?a=b", nil)
		require.NoError(t, err)
		r.Host = c.host
		r.Header.Set("Accept", c.accept)
		response, err := plainClient().Do(r)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, c.location, response.Header.Get("Location"), c)
		require.Equal(t, c.location != "", response.StatusCode == http.StatusTemporaryRedirect, c)
	}
}

func TestEveryAnswerHasTheHeadersOfThePage(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for server, other := range map[string]string{std: echo, echo: std} {
		for _, path := range []string{"", "assets/main.js", "demo/cookie", "whoami", "nowhere"} {
			response := ask(t, http.MethodGet, server+path, "", nil)
			policy := response.Header.Get("Content-Security-Policy")
			require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self'", path)
			require.Contains(t, policy, "form-action 'self' "+strings.TrimSuffix(other, "/")+";", path)
			require.NotContains(t, policy, "unsafe", path)
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
		}
	}
}

// What changes something is for the page alone: another site is refused, and so is the other server, except for its forms.
func TestChangesAreRefusedToOtherSites(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for path, form := range map[string]string{
		"demo/keys": "action=add", "demo/sessions": "action=here", "demo/store": "away=yes", "demo/load": "x=", "demo/flip": "at=0",
		"signin": "name=mallory", "signout": "x=", "fill": "bytes=9", "demo/process": "x=",
	} {
		page := !strings.HasPrefix(path, "demo/")
		for _, from := range []struct {
			site, origin string
			refused      bool
		}{
			{"same-origin", strings.TrimSuffix(std, "/"), false},
			{"same-site", strings.TrimSuffix(echo, "/"), !page},
			{"same-site", "http://localhost:1", true},
			{"cross-site", "https://evil.example", true},
			{"cross-site", "null", true},
		} {
			response := ask(t, http.MethodPost, std+path, form, http.Header{"Sec-Fetch-Site": {from.site}, "Origin": {from.origin}})
			require.Equal(t, from.refused, response.StatusCode == http.StatusForbidden, "%s from %s", path, from.origin)
		}
	}
}

// No form of the page is large, so nothing large is read, whether its length is told or not.
func TestLargeBodies(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for size, allowed := range map[int]bool{maxForm: true, maxForm + 1: false, 40 << 20: false} {
		form := "bytes=9&x="
		form += strings.Repeat("x", size-len(form))
		for _, server := range []string{std, echo} {
			for told, refusal := range map[bool]int{true: http.StatusRequestEntityTooLarge, false: http.StatusBadRequest} {
				var body io.Reader = strings.NewReader(form)
				if !told {
					body = io.MultiReader(body)
				}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"fill", body)
				require.NoError(t, err)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				response, err := plainClient().Do(r)
				if !allowed && err != nil {
					continue // it is gone before all was sent
				}
				require.NoError(t, err)
				response.Body.Close()
				require.Equal(t, allowed, response.StatusCode == http.StatusNoContent, "%d bytes", size)
				require.True(t, allowed || response.StatusCode == refusal, "%d bytes, told %v: %s", size, told, response.Status)
			}
		}
	}
}

// A request is copied to carry where it is, and its temporary files are removed all the same.
func TestTemporaryFilesOfFormsAreRemoved(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	made := 0
	server := httptest.NewServer(at("net/http", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseMultipartForm(0)
		entries, _ := os.ReadDir(temp)
		made = len(entries)
	})))
	body := "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\ntext\r\n--x--\r\n"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	response, err := plainClient().Do(r)
	require.NoError(t, err)
	response.Body.Close()
	server.Close() // and the request is at its end
	require.Equal(t, 1, made)
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, entries)
}
