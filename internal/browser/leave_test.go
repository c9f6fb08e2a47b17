//go:build unix

package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/browser"
)

// TestBackButtonAfterSigningOut goes back to a page that the browser must ask for again.
func TestBackButtonAfterSigningOut(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t, browser.Options{})
	for name, middleware := range middlewares {
		for policy, row := range map[string]struct {
			path, heading string
			cacheable     bool
		}{
			"a page that forbids storing, as private ones should, is refused": {"/private", "Forbidden", false},
			"a page that wrote the session is not shown as it was":            {"/visit", "Visited", true},
		} {
			t.Run(name+"/"+policy, func(t *testing.T) {
				t.Parallel()
				tab := chromium.Visitor(t)
				home := localhost(t, middleware(site{jar: newJar(t, sealjar.Cookie{}), cacheable: row.cacheable}))
				signIn(t, tab, home, "alice", false)
				require.Equal(t, http.StatusOK, tab.Open(home+row.path))
				require.Equal(t, "alice", tab.Text("#who"))
				require.Equal(t, http.StatusOK, tab.Follow(press("#signout")))
				require.Equal(t, "nobody", tab.Text("#who"))

				tab.Do(chromedp.NavigateBack())
				require.Equal(t, home+row.path, browser.Get(tab, chromedp.Location()))
				require.Equal(t, row.heading, tab.Text("h1"))
				require.Equal(t, "nobody", tab.Text("#who"))
			})
		}
	}
}

// TestRestartedBrowser closes the browser and starts it again with what it has kept.
func TestRestartedBrowser(t *testing.T) {
	t.Parallel()
	policies := []struct {
		name, host string
		remember   bool
		bytes      int
		who        string
	}{
		{"a plain session is gone", "plain.localhost", false, 0, "nobody"},
		{"a session with remember-me goes on", "remembered.localhost", true, 0, "alice"},
		{"a plain session in several cookies is gone with all of them", "large.localhost", false, 6800, "nobody"},
		{"a session in several cookies with remember-me goes on", "large-remembered.localhost", true, 6800, "alice"},
	}
	var options browser.Options
	for _, policy := range policies {
		options.Hosts = append(options.Hosts, policy.host)
	}
	for name, middleware := range middlewares {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := options
			options.Profile = t.TempDir()
			address := localhost(t, middleware(site{jar: newJar(t, sealjar.Cookie{MaxChunks: 4})}))
			before := browser.Start(t, options)
			tab := before.Tab(t)
			for _, policy := range policies {
				signIn(t, tab, on(policy.host, address), "alice", policy.remember)
				fill(t, tab, policy.bytes)
			}
			before.Close()

			tab = browser.Start(t, options).Tab(t)
			for _, policy := range policies {
				t.Run(policy.name, func(t *testing.T) {
					require.Equal(t, http.StatusOK, tab.Open(on(policy.host, address)+"/"))
					require.Equal(t, policy.who, tab.Text("#who"))
					if policy.who == "nobody" {
						require.Empty(t, names(tab, policy.host))
						return
					}
					require.Equal(t, digest(filling(policy.bytes)), tab.Text("#fill"))
				})
			}
		})
	}
}

// on is the address of a server on localhost under another name.
func on(host, address string) string { return strings.Replace(address, "localhost", host, 1) }
