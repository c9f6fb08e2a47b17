// Sessions under gorilla/mux: the middleware for net/http is mux's too. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/frameworks/gorilla
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gorilla/mux"

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
	r := mux.NewRouter()
	r.Use(stdmw.New(jar, stdmw.Options{})) // mux runs it for the routes that it knows, not for its 404 and 405
	r.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Fprintln(w, "Views", session.Data.Views)
	}).Methods(http.MethodGet)
	r.HandleFunc("/signin", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).SignIn(r.Context(), "alice"); err != nil { // after a look at the password
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	}).Methods(http.MethodPost)
	account := r.Path("/account").Subrouter()
	account.Use(stdmw.Gate(jar, stdmw.GateOptions{}))
	account.HandleFunc("", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Account of", jar.From(r.Context()).Subject())
	}).Methods(http.MethodGet)
	return r
}
