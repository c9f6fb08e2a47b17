// Sessions under chi: the middleware for net/http is chi's too. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/frameworks/chi
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type State struct {
	Views int `json:"views"`
}

func main() {
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", site(jar)))
}

func site(jar *sealjar.Jar[State]) http.Handler {
	r := chi.NewRouter()
	r.Use(stdmw.New(jar, stdmw.Options{}))
	r.Get("/", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Fprintln(w, "Views", session.Data.Views)
	})
	r.Post("/signin", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).SignIn(r.Context(), "alice"); err != nil { // after a look at the password
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	})
	r.With(stdmw.Gate(jar, stdmw.GateOptions{})).Get("/account", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Account of", jar.From(r.Context()).Subject())
	})
	return r
}
