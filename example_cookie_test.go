package sealjar_test

import (
	"fmt"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// Forms of the cookie, and two that browsers would drop without a word.
func ExampleCookie() {
	for _, cookie := range []sealjar.Cookie{
		{}, // right for most
		{Domain: "example.com", Persistent: true},
		{Name: "__Host-widget", SameSite: http.SameSiteNoneMode, Partitioned: true},
		{InsecureHTTP: true}, // for development on a host name other than localhost
		{Name: "__Host-session", Path: "/app"},
		{SameSite: http.SameSiteNoneMode, InsecureHTTP: true},
	} {
		jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Cookie: cookie})
		if err != nil {
			fmt.Println(err)
			continue
		}
		browser := newBrowser(stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			jar.From(r.Context()).Data.Views++
		})))
		browser.Visit("GET /")
		fmt.Println(browser.last.Cookies()[0].Name, browser.Attributes())
	}
	// Output:
	// __Host-session Path=/; HttpOnly; Secure; SameSite=Lax
	// __Secure-session Max-Age=1800; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax
	// __Host-widget Path=/; HttpOnly; Secure; SameSite=None; Partitioned
	// session Path=/; HttpOnly; SameSite=Lax
	// sealjar: Options.Cookie.Name: the prefix of "__Host-session" demands Path=/ and no Domain
	// sealjar: Options.Cookie.SameSite: browsers refuse SameSite=None without Secure, which InsecureHTTP leaves out
}

// Wrong options are an error of the constructor, which names the field.
func ExampleNew() {
	_, err := sealjar.New[State](sealjar.Options{})
	fmt.Println(err)
	_, err = sealjar.New[struct{ views int }](sealjar.Options{Keys: ring()})
	fmt.Println(err)
	// Output:
	// sealjar: Options.Keys is missing
	// sealjar: a session can't hold struct { views int }: it has no exported field, so nothing of it would be kept
}
