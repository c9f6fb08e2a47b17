package sealjar_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// A message for the page behind the redirect, which is shown once.
func ExampleSession_AddFlash() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /profile", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).AddFlash("info", "Saved."); err != nil {
			log.Print(err)
		}
		http.Redirect(w, r, "/profile", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /profile", func(w http.ResponseWriter, r *http.Request) {
		show := func(message sealjar.Flash) { fmt.Fprintf(w, "[%s] %s ", message.Kind, message.Text) }
		for _, message := range jar.From(r.Context()).Flashes() {
			show(message)
		}
		fmt.Fprintln(w, "Your profile")
	})

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("POST /profile")
	browser.Visit("GET /profile")
	// Output:
	// [info] Saved. Your profile
	// Your profile
}
