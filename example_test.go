package sealjar_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// State is an application's own: what a session holds.
type State struct {
	Views int `json:"views"`
}

// A counter of views: change Data, and it is there again with the next request.
func Example() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()}) // keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context()) // a *sealjar.Session[State]
		session.Data.Views++
		fmt.Fprintln(w, "Views", session.Data.Views)
	})

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("GET /")
	browser.Visit("GET /")
	browser.Visit("GET /")
	// Output:
	// Views 1
	// Views 2
	// Views 3
}

// A framework of its own needs an adapter of a few lines, for jars of any type: stdmw is one.
func ExampleAnyJar() {
	middleware := func(jar sealjar.AnyJar, next func(w http.ResponseWriter, r *http.Request, session any)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w, r, end := jar.Begin(w, r, nil)
			next(w, r, jar.Any(r.Context()))
			end(false) // not after a panic
		}
	}

	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	browser := newBrowser(middleware(jar, func(w http.ResponseWriter, r *http.Request, session any) {
		data := &session.(*sealjar.Session[State]).Data
		data.Views++
		fmt.Fprintln(w, "Views", data.Views)
	}))
	browser.Visit("GET /")
	browser.Visit("GET /")
	// Output:
	// Views 1
	// Views 2
}

// ring is for the examples: a real application keeps its keys, see package keys.
func ring() *keys.Ring {
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return ring
}

// browser visits a handler and keeps its cookies.
type browser struct {
	handler http.Handler
	cookies *cookiejar.Jar
	last    *http.Response
}

func newBrowser(handler http.Handler) *browser {
	cookies, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	return &browser{handler: handler, cookies: cookies}
}

// Visit makes a request, such as "GET /", follows one redirect and prints the text of the response.
func (b *browser) Visit(request string) {
	method, path, _ := strings.Cut(request, " ")
	site := &url.URL{Scheme: "https", Host: "example.com", Path: path}
	r := httptest.NewRequest(method, site.String(), nil)
	for _, cookie := range b.cookies.Cookies(site) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	b.last = w.Result()
	b.cookies.SetCookies(site, b.last.Cookies())
	if to := b.last.Header.Get("Location"); to != "" {
		b.Visit("GET " + to)
		return
	}
	if w.Code != http.StatusOK {
		fmt.Print(w.Code, " ")
	}
	fmt.Print(w.Body)
}

// Copy is another browser with the same cookies: a thief's, or another device.
func (b *browser) Copy() *browser {
	other := newBrowser(b.handler)
	site := &url.URL{Scheme: "https", Host: "example.com", Path: "/"}
	other.cookies.SetCookies(site, b.cookies.Cookies(site))
	return other
}

// Attributes is what the last response's Set-Cookie line says behind the token, empty without one.
func (b *browser) Attributes() string {
	_, attributes, _ := strings.Cut(b.last.Header.Get("Set-Cookie"), "; ")
	return attributes
}
