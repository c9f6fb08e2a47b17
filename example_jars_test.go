package sealjar_test

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// Several jars in one application, each with a type, a name and lifetimes of its own. They share the keys: no token of
// one is good in another.
func ExampleJar() {
	type login struct {
		Role string `json:"role"`
	}
	type cart struct {
		Items []string `json:"items"`
	}
	var (
		logins *sealjar.Jar[login]
		carts  *sealjar.Jar[cart]
		err    error
		keys   = ring()
	)
	if logins, err = sealjar.New[login](sealjar.Options{Keys: keys}); err != nil {
		log.Fatal(err)
	}
	carts, err = sealjar.New[cart](sealjar.Options{
		Keys:     keys,
		Cookie:   sealjar.Cookie{Name: "__Host-cart", Persistent: true},
		Idle:     30 * 24 * time.Hour,
		Absolute: 90 * 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cart", func(_ http.ResponseWriter, r *http.Request) {
		cart := carts.From(r.Context())
		cart.Data.Items = append(cart.Data.Items, "tea")
	})
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		login := logins.From(r.Context())
		_ = login.SignIn(r.Context(), "alice")
		login.Data.Role = "customer"
	})
	mux.HandleFunc("POST /signout", func(_ http.ResponseWriter, r *http.Request) {
		_ = logins.From(r.Context()).End(r.Context())
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		login, cart := logins.From(r.Context()), carts.From(r.Context())
		fmt.Fprintf(w, "%q %q %q\n", login.Subject(), login.Data.Role, cart.Data.Items)
	})

	middleware := func(next http.Handler) http.Handler {
		return stdmw.New(logins, stdmw.Options{})(stdmw.New(carts, stdmw.Options{})(next))
	}
	browser := newBrowser(middleware(mux))
	browser.Visit("POST /cart")
	browser.Visit("POST /signin")
	browser.Visit("GET /")
	browser.Visit("POST /signout")
	browser.Visit("GET /")
	// Output:
	// "alice" "customer" ["tea"]
	// "" "" ["tea"]
}
