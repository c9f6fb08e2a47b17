//go:build unix

package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/browser"
)

// TestSessionInABrowser uses the application on a developer's machine, where browsers take http://localhost for secure.
func TestSessionInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t, browser.Options{})
	for name, middleware := range middlewares {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := localhost(t, middleware(site{jar: newJar(t, sealjar.Cookie{MaxChunks: 4})}))
			for name, test := range sessionTests {
				t.Run(name, func(t *testing.T) { test(t, chromium.Visitor(t), home) })
			}
		})
	}
}

var sessionTests = map[string]func(t *testing.T, tab *browser.Tab, home string){
	"a page that only reads sets no cookie": func(t *testing.T, tab *browser.Tab, home string) {
		require.Equal(t, http.StatusOK, tab.Open(home+"/"))
		require.Equal(t, "nobody", tab.Text("#who"))
		require.Empty(t, tab.Cookies())
	},
	"signing in lasts over a reload": func(t *testing.T, tab *browser.Tab, home string) {
		signIn(t, tab, home, "alice", false)
		require.Equal(t, "alice", tab.Text("#who"))
		require.Equal(t, http.StatusOK, tab.Follow(chromedp.Reload()))
		require.Equal(t, "alice", tab.Text("#who"))
	},
	"what a page writes is there on the next": func(t *testing.T, tab *browser.Tab, home string) {
		for visit := range 3 {
			tab.Open(home + "/visit")
			require.Equal(t, fmt.Sprint(visit+1), tab.Text("#visits"))
		}
	},
	"a second tab shares the session, its sign-in and its sign-out": func(t *testing.T, tab *browser.Tab, home string) {
		second := tab.Tab()
		second.Open(home + "/")
		require.Equal(t, "nobody", second.Text("#who"))
		signIn(t, tab, home, "alice", false)
		second.Open(home + "/")
		require.Equal(t, "alice", second.Text("#who"))
		require.Equal(t, http.StatusOK, second.Follow(press("#signout")))
		require.Equal(t, http.StatusForbidden, tab.Open(home+"/private"))
	},
	"the browser keeps the cookie HttpOnly, Secure, SameSite=Lax, for this host alone and until it closes": func(t *testing.T, tab *browser.Tab, home string) {
		signIn(t, tab, home, "alice", false)
		cookie := only(t, tab)
		require.Equal(t, "__Host-session", cookie.Name)
		require.True(t, cookie.HTTPOnly)
		require.True(t, cookie.Secure)
		require.Equal(t, network.CookieSameSiteLax, cookie.SameSite)
		require.Equal(t, "/", cookie.Path)
		require.Equal(t, "localhost", cookie.Domain, "with Domain it would begin with a dot")
		require.True(t, cookie.Session)
		require.Nil(t, cookie.PartitionKey)
	},
	"remember-me gives the cookie the end of the session": func(t *testing.T, tab *browser.Tab, home string) {
		const week = 7 * 24 * time.Hour
		before := time.Now()
		signIn(t, tab, home, "alice", true)
		after := time.Now()
		cookie := only(t, tab)
		require.False(t, cookie.Session)
		expires := time.UnixMilli(int64(cookie.Expires * 1000))
		require.False(t, expires.Before(before.Add(week-time.Second)), expires)
		require.False(t, expires.After(after.Add(week+2*time.Second)), expires) // both ends are rounded to seconds
	},
	"scripts see no cookie and can't put another in its place": func(t *testing.T, tab *browser.Tab, home string) {
		signIn(t, tab, home, "alice", false)
		cookie := only(t, tab)
		require.Empty(t, browser.Get(tab, chromedp.Evaluate[string]("document.cookie")))
		browser.Get(tab, chromedp.Evaluate[string](`document.cookie = "__Host-session=x; Secure; Path=/"`))
		browser.Get(tab, chromedp.Evaluate[string](`document.cookie = "__Host-session=; Secure; Path=/; Max-Age=0"`))
		require.Equal(t, cookie.Value, only(t, tab).Value)
		tab.Open(home + "/private")
		require.Equal(t, "alice", tab.Text("#who"))
	},
	"signing in gives another cookie, and the one before is refused": func(t *testing.T, tab *browser.Tab, home string) {
		tab.Open(home + "/visit")
		before := only(t, tab)
		signIn(t, tab, home, "alice", false)
		require.Equal(t, "1", tab.Text("#visits"), "what was kept before stays")
		require.NotEqual(t, before.Value, only(t, tab).Value)
		bringBack(tab, home, before)
		tab.Open(home + "/")
		require.Equal(t, "0", tab.Text("#visits"))
	},
	"signing out removes the cookie, and a copy of it is refused": func(t *testing.T, tab *browser.Tab, home string) {
		signIn(t, tab, home, "alice", false)
		stolen := only(t, tab)
		require.Equal(t, http.StatusOK, tab.Follow(press("#signout")))
		require.Equal(t, "nobody", tab.Text("#who"))
		require.Empty(t, tab.Cookies())
		bringBack(tab, home, stolen)
		require.Equal(t, http.StatusForbidden, tab.Open(home+"/private"))
	},
	"a session that grows takes more cookies, one that shrinks fewer, and its end none": func(t *testing.T, tab *browser.Tab, home string) {
		signIn(t, tab, home, "alice", false)
		for _, step := range []struct{ bytes, cookies int }{{100, 1}, {4500, 3}, {6800, 4}, {7000, 4}, {4600, 3}, {2500, 2}, {6800, 4}, {0, 1}, {6900, 4}} {
			fill(t, tab, step.bytes)
			require.Equal(t, digest(filling(step.bytes)), tab.Text("#fill"))
			require.Equal(t, pieces[:step.cookies], names(tab, "localhost"), step)
			for _, cookie := range tab.Cookies() {
				require.True(t, cookie.HTTPOnly && cookie.Secure && cookie.SameSite == network.CookieSameSiteLax, cookie.Name)
				require.LessOrEqual(t, len(cookie.Name)+len(cookie.Value), 4096)
			}
			tab.Open(home + "/private")
			require.Equal(t, "alice", tab.Text("#who"))
		}
		require.Equal(t, http.StatusOK, tab.Follow(press("#signout")))
		require.Empty(t, tab.Cookies())
		require.Equal(t, digest(""), tab.Text("#fill"))
	},
}

var pieces = []string{"__Host-session", "__Host-session_1", "__Host-session_2", "__Host-session_3"}

func signIn(t *testing.T, tab *browser.Tab, home, name string, remember bool) {
	t.Helper()
	tab.Open(home + "/")
	tab.Do(chromedp.SetValue(chromedp.CSS("#signin input[name=name]"), name))
	if remember {
		tab.Do(chromedp.Click(chromedp.CSS("#signin input[name=remember]")))
	}
	require.Equal(t, http.StatusOK, tab.Follow(press("#signin")))
	require.Equal(t, name, tab.Text("#who"))
}

func fill(t *testing.T, tab *browser.Tab, bytes int) {
	t.Helper()
	tab.Do(chromedp.SetValue(chromedp.CSS("#keep input"), fmt.Sprint(bytes)))
	require.Equal(t, http.StatusOK, tab.Follow(press("#keep")))
}

// press clicks the button of a form.
func press(form string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(form + " button"))
}

func only(t *testing.T, tab *browser.Tab) *network.Cookie {
	t.Helper()
	cookies := tab.Cookies()
	require.Len(t, cookies, 1)
	return cookies[0]
}

// names are those of the cookies of a host.
func names(tab *browser.Tab, host string) (names []string) {
	for _, cookie := range tab.Cookies() {
		if cookie.Domain == host {
			names = append(names, cookie.Name)
		}
	}
	slices.Sort(names)
	return names
}

// bringBack gives the visitor the cookie again, as a thief would.
func bringBack(tab *browser.Tab, home string, cookie *network.Cookie) {
	yes := true
	browser.Get(tab, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{
			Name: cookie.Name, Value: cookie.Value, URL: home, Path: "/", Secure: &yes, HTTPOnly: &yes, SameSite: cookie.SameSite,
		})
	})
}
