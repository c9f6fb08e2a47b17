package sealjar_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// A gate of one's own. The ones of stdmw and echomw are like this.
func ExampleJar_Check() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	members := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch err := jar.Check(r.Context()); {
			case errors.Is(err, sealjar.ErrUnavailable): // nobody can tell: don't send them to sign in again
				http.Error(w, "come back soon", http.StatusServiceUnavailable)
			case errors.Is(err, sealjar.ErrAnonymous):
				http.Error(w, "you have a session, but are not signed in", http.StatusUnauthorized)
			case err != nil:
				http.Error(w, "sign in first", http.StatusUnauthorized)
			default:
				jar.Touch(r.Context()) // counts as activity; leave it out for what a page polls
				next(w, r)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()).Data.Views++ })
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice")
	})
	mux.HandleFunc("GET /account", members(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Account of", jar.From(r.Context()).Subject())
	}))

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("GET /account")
	browser.Visit("GET /")
	browser.Visit("GET /account")
	browser.Visit("POST /signin")
	browser.Visit("GET /account")
	// Output:
	// 401 sign in first
	// 401 you have a session, but are not signed in
	// Account of alice
}

// Why a request has no session. The client is told none of it.
func ExampleSession_Err() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		switch err := session.Err(); {
		case err == nil:
			fmt.Println("a good session")
		case errors.Is(err, sealjar.ErrNone):
			fmt.Println("the first visit, or the browser was closed")
		case errors.Is(err, sealjar.ErrExpired), errors.Is(err, sealjar.ErrRevoked):
			fmt.Println("there was a session, and its time is over")
		case errors.Is(err, sealjar.ErrInvalid):
			fmt.Println("not one of ours:", err)
		}
		session.Data.Views++ // it is usable in any case
	})))
	browser.Visit("GET /")
	browser.Visit("GET /")
	// Output:
	// the first visit, or the browser was closed
	// a good session
}
