package sealjar_test

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// Who ticks "remember me" stays signed in when the browser closes, and for longer.
func ExampleSession_Remember() {
	jar, err := sealjar.New[State](sealjar.Options{
		Keys:         ring(),
		Idle:         20 * time.Minute,
		RememberIdle: 14 * 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), "alice"); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		if err := session.Remember(r.FormValue("remember") != ""); err != nil {
			log.Print(err)
		}
		fmt.Fprintln(w, "remembered:", session.Remembered(),
			"idle:", session.IdleExpiry().Sub(session.AuthTime()).Round(time.Second),
			"absolute:", session.AbsoluteExpiry().Sub(session.AuthTime()))
	})

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("POST /signin")
	fmt.Println(browser.Attributes())
	other := newBrowser(formValues(browser.handler, "remember", "on"))
	other.Visit("POST /signin")
	fmt.Println(other.Attributes())
	// Output:
	// remembered: false idle: 20m0s absolute: 12h0m0s
	// Path=/; HttpOnly; Secure; SameSite=Lax
	// remembered: true idle: 336h0m0s absolute: 720h0m0s
	// Max-Age=1209600; Path=/; HttpOnly; Secure; SameSite=Lax
}

// formValues sends a form with each request.
func formValues(handler http.Handler, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Form = map[string][]string{name: {value}}
		handler.ServeHTTP(w, r)
	})
}

// An administrator's session ends after a quarter of an hour, whatever the jar allows.
func ExampleSession_SetLifetime() {
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), "root"); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		if err := session.SetLifetime(15 * time.Minute); err != nil {
			log.Print(err)
		}
		longer := session.SetLifetime(24 * time.Hour)
		fmt.Fprintln(w, session.AbsoluteExpiry().Sub(session.AuthTime()))
		fmt.Fprintln(w, longer)
	})))
	browser.Visit("POST /signin")
	// Output:
	// 15m0s
	// sealjar: a session's own lifetime is 1s to 12h0m0s, not 24h0m0s
}

// A page polls for news. That somebody has left it open is no reason to keep their session alive.
func ExampleJar_Peek() {
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		jar.From(r.Context()).Data.Views++
	})
	mux.HandleFunc("GET /news", func(w http.ResponseWriter, r *http.Request) {
		session := jar.Peek(r.Context())
		fmt.Fprintln(w, "views:", session.Data.Views, "idle until", session.IdleExpiry().UTC().Format("15:04"))
	})

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("GET /")
	now = now.Add(20 * time.Minute)
	browser.Visit("GET /news")
	browser.Visit("GET /")
	browser.Visit("GET /news")
	// Output:
	// views: 1 idle until 09:30
	// views: 2 idle until 09:50
}
