package sealjar_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// "Sign out everywhere", and stay signed in here.
func ExampleJar_EndAll() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Revocation: new(revocation.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice")
	})
	members := stdmw.Gate(jar, stdmw.GateOptions{})
	mux.Handle("POST /everywhere", members(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		subject := session.Subject()
		switch err := jar.EndAll(r.Context(), subject); {
		case errors.Is(err, sealjar.ErrNoRevocation):
			log.Fatal("set Options.Revocation")
		case err != nil:
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		_ = session.SignIn(r.Context(), subject)
	})))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "signed in as %q\n", jar.From(r.Context()).Subject())
	})

	handler := stdmw.New(jar, stdmw.Options{})(mux)
	laptop, phone := newBrowser(handler), newBrowser(handler)
	laptop.Visit("POST /signin")
	phone.Visit("POST /signin")
	laptop.Visit("POST /everywhere")
	laptop.Visit("GET /")
	phone.Visit("GET /")
	phone.Visit("POST /everywhere") // the button in a tab that was left open
	// Output:
	// signed in as "alice"
	// signed in as ""
	// 401 Unauthorized
}

// "Sign out my other devices".
func ExampleJar_EndOthers() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Revocation: new(revocation.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice")
	})
	members := stdmw.Gate(jar, stdmw.GateOptions{})
	mux.Handle("POST /others", members(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := jar.EndOthers(r.Context(), jar.From(r.Context())); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "signed in as %q\n", jar.From(r.Context()).Subject())
	})

	handler := stdmw.New(jar, stdmw.Options{})(mux)
	laptop, phone := newBrowser(handler), newBrowser(handler)
	laptop.Visit("POST /signin")
	phone.Visit("POST /signin")
	laptop.Visit("POST /others")
	laptop.Visit("GET /")
	phone.Visit("GET /")
	phone.Visit("POST /others") // the button in a tab that was left open
	// Output:
	// signed in as "alice"
	// signed in as ""
	// 401 Unauthorized
}

// All sessions of a tenant end at once, whoever they belong to.
func ExampleSession_SetGroups() {
	list := new(revocation.Memory)
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Revocation: list})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		_ = session.SignIn(r.Context(), "alice")
		if err := session.SetGroups("tenant-7", "admins"); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		fmt.Fprintf(w, "%q of %q\n", session.Subject(), session.Groups())
	})

	alice := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	alice.Visit("POST /signin")
	alice.Visit("GET /")
	err = list.Revoke(context.Background(), revocation.Entry{
		Kind: revocation.Group, Name: "tenant-7", Cutoff: time.Now(), Until: time.Now().Add(31 * 24 * time.Hour),
	})
	if err != nil {
		log.Fatal(err)
	}
	alice.Visit("GET /")
	// Output:
	// "alice" of ["tenant-7" "admins"]
	// "" of []
}

// banned is a list of one's own: those whom a moderator has banned.
type banned map[string]bool

func (b banned) Check(_ context.Context, c revocation.Claims) error {
	if b[c.Subject] {
		return revocation.ErrRevoked
	}
	return nil
}

func (b banned) Revoke(context.Context, revocation.Entry) error {
	return errors.New("only moderators ban")
}

// Whoever can answer two questions is a list. See package revocation for one that is complete.
func ExampleRevocation() {
	users := banned{}
	var list sealjar.Revocation = users
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Revocation: list})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(_ http.ResponseWriter, r *http.Request) {
		_ = jar.From(r.Context()).SignIn(r.Context(), "mallory")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, jar.Check(r.Context())) })

	mallory := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	mallory.Visit("POST /signin")
	mallory.Visit("GET /")
	users["mallory"] = true
	mallory.Visit("GET /")
	// Output:
	// <nil>
	// sealjar: session revoked: revocation: revoked
}
