//go:build unix

package browser_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/browser"
)

// TestOtherSites has pages of two other sites lead to the application.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t, browser.Options{
		Hosts: []string{"app.example", "other.example", "another.example"}, AnyCertificate: true,
	})
	lax, strict := sealjar.Cookie{}, sealjar.Cookie{SameSite: http.SameSiteStrictMode}
	none := sealjar.Cookie{SameSite: http.SameSiteNoneMode}
	partitioned := sealjar.Cookie{SameSite: http.SameSiteNoneMode, Partitioned: true}
	for name, middleware := range middlewares {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit := func(policy string, cookie sealjar.Cookie, unprotected bool, test func(*testing.T, *browser.Tab, func(string) string)) {
				t.Run(policy, func(t *testing.T) {
					address := world(t, middleware(site{jar: newJar(t, cookie), unprotected: unprotected}))
					test(t, chromium.Visitor(t), address)
				})
			}
			visit("SameSite=Lax keeps the session out of a form of another site", lax, true, formShows("nobody"))
			visit("SameSite=Strict keeps the session out of a form of another site", strict, true, formShows("nobody"))
			visit("SameSite=None lets a form of another site use the session", none, true, formShows("alice"))
			visit("CrossOriginProtection refuses a form of another site, whatever SameSite is", none, false, refusesForm)
			visit("CrossOriginProtection refuses to sign the visitor in as somebody else", lax, false, refusesSignIn)
			visit("SameSite=Lax lets a link of another site bring the session", lax, false, linkShows("alice"))
			visit("SameSite=Strict keeps the session out of a link of another site, and it stays", strict, false, linkShows("nobody"))
			visit("SameSite=Lax leaves a page in an iframe of another site without a session", lax, false, framesShow("1", "1", "1", "1"))
			visit("Partitioned keeps a session for an iframe, and another under each site", partitioned, false, framesShow("1", "2", "1", "3"))
			visit("a partitioned cookie belongs to the site around it", partitioned, false, belongsToSite)
		})
	}
}

func formShows(who string) func(*testing.T, *browser.Tab, func(string) string) {
	return func(t *testing.T, tab *browser.Tab, address func(string) string) {
		signIn(t, tab, address("app.example"), "alice", false)
		tab.Open(address("other.example") + "/form")
		require.Equal(t, http.StatusOK, tab.Follow(press("form")))
		require.Equal(t, who, tab.Text("#who"))
		tab.Open(address("app.example") + "/")
		require.Equal(t, "alice", tab.Text("#who"))
	}
}

func refusesForm(t *testing.T, tab *browser.Tab, address func(string) string) {
	signIn(t, tab, address("app.example"), "alice", false)
	tab.Open(address("other.example") + "/form")
	require.Equal(t, http.StatusForbidden, tab.Follow(press("form")))
}

func refusesSignIn(t *testing.T, tab *browser.Tab, address func(string) string) {
	signIn(t, tab, address("app.example"), "alice", false)
	before := only(t, tab).Value
	tab.Open(address("other.example") + "/forge")
	require.Equal(t, http.StatusForbidden, tab.Follow(press("form")))
	require.Equal(t, before, only(t, tab).Value)
	tab.Open(address("app.example") + "/")
	require.Equal(t, "alice", tab.Text("#who"))
}

func linkShows(who string) func(*testing.T, *browser.Tab, func(string) string) {
	return func(t *testing.T, tab *browser.Tab, address func(string) string) {
		signIn(t, tab, address("app.example"), "alice", false)
		before := only(t, tab).Value
		tab.Open(address("other.example") + "/link")
		require.Equal(t, http.StatusOK, tab.Follow(chromedp.Click(chromedp.CSS("a"))))
		require.Equal(t, who, tab.Text("#who"))
		require.Equal(t, before, only(t, tab).Value)
		tab.Open(address("app.example") + "/")
		require.Equal(t, "alice", tab.Text("#who"))
	}
}

// framesShow opens a site with the application in an iframe twice, another such site, and the first again. The numbers are
// those of visits, as the application in the iframe tells them.
func framesShow(first, again, elsewhere, back string) func(*testing.T, *browser.Tab, func(string) string) {
	return func(t *testing.T, tab *browser.Tab, address func(string) string) {
		for _, row := range []struct{ host, visits string }{
			{"other.example", first}, {"other.example", again}, {"another.example", elsewhere}, {"other.example", back},
		} {
			require.Equal(t, row.visits, framed(tab, address(row.host)), row.host)
		}
		tab.Open(address("app.example") + "/visit")
		require.Equal(t, "1", tab.Text("#visits"), "at the top it is a session of its own")
	}
}

// framed is what the application says in an iframe of the site.
func framed(tab *browser.Tab, site string) string {
	tab.Open(site + "/frame")
	return browser.Get(tab, chromedp.Poll[string](`document.getElementById("said").textContent`, chromedp.WithPollingTimeout(0)))
}

func belongsToSite(t *testing.T, tab *browser.Tab, address func(string) string) {
	framed(tab, address("other.example"))
	cookie := only(t, tab)
	require.Equal(t, &network.CookiePartitionKey{TopLevelSite: "https://other.example", HasCrossSiteAncestor: true}, cookie.PartitionKey)
	require.Equal(t, network.CookieSameSiteNone, cookie.SameSite)
	require.Equal(t, "app.example", cookie.Domain)
	require.True(t, cookie.Secure && cookie.HTTPOnly)

	tab.Open(address("app.example") + "/visit")
	require.Len(t, tab.Cookies(), 2)
}
