package sealjar_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

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

// A session of 5 KiB takes three cookies, which come and go together.
func ExampleCookie_maxChunks() {
	jar, err := sealjar.New[string](sealjar.Options{Keys: ring(), Cookie: sealjar.Cookie{MaxChunks: 4}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /draft", func(_ http.ResponseWriter, r *http.Request) {
		jar.From(r.Context()).Data = strings.Repeat("blah ", 1000)
	})
	mux.HandleFunc("GET /draft", func(w http.ResponseWriter, r *http.Request) {
		cookies := r.Cookies()
		fmt.Fprintln(w, len(jar.From(r.Context()).Data), "bytes in", len(cookies), "cookies, the last is", cookies[len(cookies)-1].Name)
	})
	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("POST /draft")
	browser.Visit("GET /draft")
	// Output:
	// 5000 bytes in 3 cookies, the last is __Host-session_2
}

// Each tenant has a domain of its own.
func ExampleCookie_adjust() {
	domains := map[string]string{"www.one.example": "one.example", "www.two.example": "two.example"}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Cookie: sealjar.Cookie{
		Name: "__Secure-shop",
		Adjust: func(r *http.Request, own sealjar.Cookie) sealjar.Cookie {
			own.Domain = domains[r.Host]
			return own
		},
	}})
	if err != nil {
		log.Fatal(err)
	}
	for _, host := range []string{"www.one.example", "www.two.example", "elsewhere.example"} {
		r, err := http.NewRequest(http.MethodGet, "https://"+host+"/", nil)
		if err != nil {
			log.Fatal(err)
		}
		session, _ := jar.Load(r)
		session.Data.Views++
		w := httptest.NewRecorder()
		if err := jar.Save(w, session); err != nil {
			log.Fatal(err)
		}
		_, attributes, _ := strings.Cut(w.Header().Get("Set-Cookie"), "; ")
		fmt.Println(attributes)
	}
	// Output:
	// Path=/; Domain=one.example; HttpOnly; Secure; SameSite=Lax
	// Path=/; Domain=two.example; HttpOnly; Secure; SameSite=Lax
	// Path=/; HttpOnly; Secure; SameSite=Lax
}
