package main

import (
	"fmt"
	"net/http"

	"github.com/gorilla/securecookie"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// State is what a session holds besides its subject and its messages.
type State struct {
	Views int `json:"views"`
}

func after(jar *sealjar.Jar[State], list sealjar.Revocation, old []securecookie.Codec) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		for _, flash := range session.Flashes() {
			fmt.Fprintln(w, flash.Text)
		}
		fmt.Fprintf(w, "Views %d %s\n", session.Data.Views, session.Subject())
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), "alice"); err != nil { // after a look at the password
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		_ = session.Remember(r.FormValue("remember") != "")
		_ = session.AddFlash("info", "Welcome.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).End(r.Context()); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return stdmw.New(jar, stdmw.Options{})(carryOver(jar, list, old)(mux))
}
