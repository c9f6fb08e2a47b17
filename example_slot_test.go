package sealjar_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// theme is what a package of its own keeps in the session of whatever application it is part of.
const theme = sealjar.Slot[string]("example.com/theme")

func setTheme(session sealjar.AnySession, name string) error { return theme.Set(session, name) }

// A package that knows nothing of the application's State has a place in the same session.
func ExampleSlot() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /theme", func(w http.ResponseWriter, r *http.Request) {
		if err := setTheme(jar.From(r.Context()), "dark"); err != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		name, ok := theme.Get(session)
		fmt.Fprintln(w, "view", session.Data.Views, "theme", name, ok)
	})
	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("GET /")
	browser.Visit("POST /theme")
	browser.Visit("GET /")
	// Output:
	// view 1 theme  false
	// view 2 theme dark true
}
