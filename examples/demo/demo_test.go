package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDemo starts the whole program and does what README's transcript does.
func TestDemo(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "new", "keys.json")
	std, echo := start(t, keyFile)
	browser := newBrowser()

	require.Equal(t, "Welcome to this page for the first time!\n", browser.get(t, std))
	require.Equal(t, "Views 1\n", browser.get(t, std))
	require.Equal(t, "Views 2\n", browser.get(t, echo))
	require.Equal(t, "(Hello, alice.)\nViews 3\nSigned in as alice\n", browser.post(t, std+"signin", "name=alice"))
	require.Equal(t, "Views 4\nSigned in as alice\n", browser.get(t, echo))

	thief := newBrowser()
	thief.cookies = browser.cookies
	require.Equal(t, "Views 5\nSigned in as alice\n", thief.get(t, std))
	signedOut := "(Signed out. Copies of the old cookie are refused now.)\nWelcome to this page for the first time!\n"
	require.Equal(t, signedOut, browser.post(t, echo+"signout", ""))
	require.Equal(t, "Welcome to this page for the first time!\n", thief.get(t, std))
}

func TestDemoKeepsItsKeys(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "keys.json")
	browser := newBrowser()

	std, _ := start(t, keyFile)
	browser.get(t, std)
	info, err := os.Stat(keyFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, _ := start(t, keyFile)
	require.Equal(t, "Views 1\n", browser.get(t, again), "the session outlives the process that began it")
}

func TestDemoRefusesABadKeyFile(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(keyFile, []byte("{}"), 0o600))
	err := run(t.Context(), io.Discard, 0, 0, keyFile)
	require.ErrorContains(t, err, "not a JWK Set")
}

func TestDemoShowsAPageToBrowsers(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for server, address := range map[string]string{"net/http": std, "Echo": echo} {
		browser := newBrowser()
		browser.accept = "text/html"
		body := browser.get(t, address)
		require.Contains(t, body, `<strong class="headline">Welcome to this page for the first time!</strong>`)
		require.Contains(t, body, "served by "+server+":")
		body = browser.post(t, address+"signin", "name="+url.QueryEscape("<b>&")+"&remember=yes")
		require.Contains(t, body, "<strong>&lt;b&gt;&amp;</strong>")
		for _, bad := range []string{"", "%20", strings.Repeat("a", 41), "%ff", "alice%80"} {
			body = browser.post(t, address+"signin", "name="+bad)
			require.Contains(t, body, "A name has 1 to 40 characters.", bad)
		}
	}
}

func TestDemoAnswersHead(t *testing.T) {
	v := visit(t, "alice")
	for _, server := range []string{v.std, v.echo} {
		for _, path := range []string{"", "whoami", "account"} {
			require.Equal(t, http.StatusOK, ask(t, http.MethodHead, server+path, "", v.header()).StatusCode, server+path)
		}
	}
}

func TestDemoRefusesOtherSites(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for _, address := range []string{std, echo} {
		for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 303, "none": 303} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"signin", strings.NewReader("name=mallory"))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", site)
			response, err := plainClient().Do(r)
			require.NoError(t, err)
			response.Body.Close()
			require.Equal(t, want, response.StatusCode, site)
			require.Equal(t, want == 303, response.Header.Get("Set-Cookie") != "", site)
		}
	}
}

// start runs the demo on free ports and returns the addresses that it prints.
func start(t *testing.T, keyFile string) (std, echo string) {
	t.Helper()
	printed := startAndRead(t, keyFile)
	return lastField(printed[0]), lastField(printed[1])
}

// startInto runs the demo until the test ends.
func startInto(t *testing.T, out *io.PipeWriter, stdPort, echoPort int, keyFile string) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		err := run(ctx, out, stdPort, echoPort, keyFile)
		out.CloseWithError(err)
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// plainClient follows no redirects and leaves no connections behind.
func plainClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// browser keeps cookies for http://localhost as browsers do: also Secure ones, and for all ports alike. The cookie jar of
// net/http does neither.
type browser struct {
	cookies map[string]string
	accept  string
}

func newBrowser() *browser { return &browser{cookies: map[string]string{}, accept: "*/*"} }

func (b *browser) get(t *testing.T, address string) string {
	t.Helper()
	return b.do(t, http.MethodGet, address, "")
}

func (b *browser) post(t *testing.T, address, form string) string {
	t.Helper()
	return b.do(t, http.MethodPost, address, form)
}

func (b *browser) do(t *testing.T, method, address, form string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	require.NoError(t, err)
	r.Header.Set("Accept", b.accept)
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := plainClient().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	kept := map[string]string{}
	for name, value := range b.cookies {
		kept[name] = value
	}
	for _, c := range response.Cookies() {
		kept[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(kept, c.Name)
		}
	}
	b.cookies = kept
	if response.StatusCode == http.StatusSeeOther {
		target, err := response.Location()
		require.NoError(t, err)
		return b.do(t, http.MethodGet, target.String(), "")
	}
	require.Equal(t, http.StatusOK, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}
