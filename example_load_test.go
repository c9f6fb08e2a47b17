package sealjar_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/sealjar/sealjar"
)

// Without middleware a session is loaded and saved by hand.
func ExampleJar_Load() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	browser := newBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, err := jar.Load(r)
		if err != nil && !errors.Is(err, sealjar.ErrNone) {
			log.Print(err) // it is usable all the same
		}
		session.Data.Views++
		if err := jar.Save(w, session); err != nil { // before the header leaves
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "Views", session.Data.Views)
	}))
	browser.Visit("GET /")
	browser.Visit("GET /")
	// Output:
	// Views 1
	// Views 2
}

// A cookie has 4,096 bytes. What does not fit is an error while the response can still say so.
func ExampleJar_Save() {
	jar, err := sealjar.New[struct{ Essay string }](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	browser := newBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, _ := jar.Load(r)
		session.Data.Essay = strings.Repeat("word ", 1000)
		if err := jar.Save(w, session); errors.Is(err, sealjar.ErrTooLarge) {
			http.Error(w, "that is too long", http.StatusRequestEntityTooLarge)
		}
	}))
	browser.Visit("POST /essay")
	// Output:
	// 413 that is too long
}
