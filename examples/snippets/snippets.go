// Package snippets holds the code of README that stands in no other program, so that it is compiled.
package snippets

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// State is what a session holds.
type State struct {
	Views int `json:"views"`
}

func fiveLines(ctx context.Context, addr string, mux http.Handler, e *echo.Echo) error {
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))  // first seals, all open: rotate by putting one in front
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring}) // State is your own struct

	http.ListenAndServe(addr, stdmw.New(jar, stdmw.Options{})(mux)) // net/http, and whatever is built on it
	e.Use(echomw.New(jar))                                          // or Echo

	jar.From(ctx).Data.Views++ // in a handler: nothing to save, nothing to register
	return err
}

func keyFile() (*keys.Ring, error) {
	ring, err := keys.ReadFile("/etc/myapp/keys.json", keys.Options{})
	return ring, err
}

func followedFile(ctx context.Context) (*sealjar.Jar[State], error) {
	file, err := keys.OpenFile("/etc/myapp/keys.json", keys.FileOptions{})
	go file.Run(ctx) // notices a change within about a second
	jar, err := sealjar.New[State](sealjar.Options{Keys: file})
	return jar, err
}

func rotator(ctx context.Context) (*sealjar.Jar[State], error) {
	rotator, err := keys.NewRotator(ctx, keys.RotatorOptions{Store: &keys.FileStore{Path: "/var/lib/myapp/keys.json"}})
	go rotator.Run(ctx)
	jar, err := sealjar.New[State](sealjar.Options{Keys: rotator})
	return jar, err
}

func withRevocation(ring *keys.Ring) (*sealjar.Jar[State], error) {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: &revocation.Memory{}})
	return jar, err
}

func followed(ctx context.Context, store revocation.Store, ring *keys.Ring) (*sealjar.Jar[State], error) {
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse})
	go list.Run(ctx)      // follows the store until the server ends
	err = list.Ready(ctx) // has read all of it: until then every session is refused
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list})
	return jar, err
}

func signIn(jar *sealjar.Jar[State], user struct{ ID string }) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), user.ID); err != nil { // new id, old one revoked; Data stays
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		_ = session.Remember(r.PostFormValue("remember") != "")
		_ = session.AddFlash("info", "Welcome back.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func page(jar *sealjar.Jar[State]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		flashes := session.Flashes()                                                     // each is read once, before the page is written
		fmt.Fprintf(w, "<p>Signed in as %s</p>\n", html.EscapeString(session.Subject())) // empty if nobody is
		for _, flash := range flashes {
			fmt.Fprintf(w, "<p class=%q>%s</p>\n", flash.Kind, html.EscapeString(flash.Text))
		}
	}
}

func signOut(jar *sealjar.Jar[State]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		// "Sign out everywhere" stands behind a gate, as below, so that there is a subject. "Sign out here" is End alone, without one.
		if err := jar.EndAll(r.Context(), session.Subject()); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		if err := session.End(r.Context()); err != nil { // the cookie is deleted in any case, nil says that copies are refused
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func gate(jar *sealjar.Jar[State], mux *http.ServeMux, account, everywhere http.Handler) {
	members := stdmw.Gate(jar, stdmw.GateOptions{Denied: http.RedirectHandler("/signin", http.StatusSeeOther)})
	mux.Handle("/account/", members(account))
	mux.Handle("POST /everywhere", members(everywhere)) // in a tab where nobody is signed in any more it leads to /signin
}

func ready(mux *http.ServeMux, list *revocation.List, file *keys.File) {
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) {
		if s := list.Status(); !s.Current { // not loaded yet, or cut off for MaxStaleness
			http.Error(w, fmt.Sprintf("revocation list: %v old, %v", s.Staleness.Round(time.Second), s.Err), http.StatusServiceUnavailable)
			return
		}
		if s := file.Status(); s.Sealing == "" {
			http.Error(w, fmt.Sprintf("no key seals: %v", s.Err), http.StatusServiceUnavailable)
		}
	})
}

// They are read, not called.
var _ = []any{followed, followedFile, rotator, fiveLines, keyFile, withRevocation, signIn, page, signOut, gate, ready}
