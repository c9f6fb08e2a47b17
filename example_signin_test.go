package sealjar_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// Signing in and out. What was in the session before, here a basket, stays.
func ExampleSession_SignIn() {
	type state struct {
		Basket []string `json:"basket,omitempty"`
	}
	jar, err := sealjar.New[state](sealjar.Options{Keys: ring(), Revocation: new(revocation.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /basket", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Basket = append(session.Data.Basket, "tea")
		fmt.Fprintln(w, "in the basket:", session.Data.Basket)
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		before := session.ID()
		if err := session.SignIn(r.Context(), "alice"); err != nil { // after her password was right
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "hello", session.Subject(), session.Data.Basket, "under a new id:", session.ID() != before)
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).End(r.Context()); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable) // copies of the cookie may still be good
			return
		}
		fmt.Fprintln(w, "goodbye")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		fmt.Fprintf(w, "subject %q, new: %t, error: %v\n", session.Subject(), session.IsNew(), session.Err())
	})

	alice := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	alice.Visit("POST /basket")
	alice.Visit("POST /signin")
	alice.Visit("GET /")
	thief := alice.Copy()
	alice.Visit("POST /signout")
	alice.Visit("GET /")
	thief.Visit("GET /")
	// Output:
	// in the basket: [tea]
	// hello alice [tea] under a new id: true
	// subject "alice", new: false, error: <nil>
	// goodbye
	// subject "", new: true, error: sealjar: no session
	// subject "", new: true, error: sealjar: session revoked: revocation: revoked: the session was ended
}

// A new id, when what the session may do has changed: the cookie from before is worth nothing.
func ExampleSession_Renew() {
	type state struct {
		SecondFactor bool `json:"second_factor,omitempty"`
	}
	jar, err := sealjar.New[state](sealjar.Options{Keys: ring(), Revocation: new(revocation.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice")
	})
	mux.HandleFunc("POST /code", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.Renew(r.Context()); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		session.Data.SecondFactor = true
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		fmt.Fprintf(w, "subject %q, second factor: %t\n", session.Subject(), session.Data.SecondFactor)
	})

	alice := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	alice.Visit("POST /signin")
	before := alice.Copy()
	alice.Visit("POST /code")
	alice.Visit("GET /")
	before.Visit("GET /")
	// Output:
	// subject "alice", second factor: true
	// subject "", second factor: false
}

// A session grows up: signed in by a password, then with a second factor, and fresh enough for what is dangerous.
func ExampleSession_Methods() {
	now := time.Now()
	jar, err := sealjar.New[State](sealjar.Options{
		Keys: ring(), Revocation: new(revocation.Memory), Now: func() time.Time { return now },
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice", "pwd")
	})
	mux.HandleFunc("POST /code", func(_ http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		_ = session.SignIn(r.Context(), session.Subject(), append(session.Methods(), "otp")...)
	})
	mux.HandleFunc("GET /delete-account", func(w http.ResponseWriter, r *http.Request) {
		switch err := jar.CheckRecent(r.Context(), 5*time.Minute); {
		case errors.Is(err, sealjar.ErrStale):
			fmt.Fprintln(w, "please type your password again")
		case err != nil:
			fmt.Fprintln(w, "sign in first")
		default:
			fmt.Fprintln(w, "really? you came by", jar.From(r.Context()).Methods())
		}
	})

	alice := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	alice.Visit("GET /delete-account")
	alice.Visit("POST /signin")
	alice.Visit("POST /code")
	alice.Visit("GET /delete-account")
	now = now.Add(10 * time.Minute)
	alice.Visit("GET /delete-account")
	// Output:
	// sign in first
	// really? you came by [pwd otp]
	// please type your password again
}
