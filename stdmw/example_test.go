package stdmw_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type demoState struct {
	Views int    `json:"views,omitempty"`
	Note  string `json:"note,omitempty"`
}

func demoJar() *sealjar.Jar[demoState] {
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{}) // for the example: an application keeps its keys
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[demoState](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	return jar
}

// curl makes a request, prints the response, and returns its cookie.
func curl(handler http.Handler, request, cookie string) string {
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequest(method, path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if to := w.Header().Get("Location"); to != "" {
		fmt.Println(w.Code, to)
	} else {
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	set, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return set
}

func ExampleNew() {
	jar := demoJar()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Fprintln(w, "Views", session.Data.Views)
	})
	handler := stdmw.New(jar, stdmw.Options{})(mux)

	cookie := curl(handler, "GET /", "")
	curl(handler, "GET /", cookie)
	// Output:
	// 200 Views 1
	// 200 Views 2
}

// What a client gets in place of the handler's response, if the session does not fit into its cookie.
func ExampleOptions() {
	jar := demoJar()
	middleware := stdmw.New(jar, stdmw.Options{
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, sealjar.ErrTooLarge) {
				http.Error(w, "your note is too long", http.StatusRequestEntityTooLarge)
				return
			}
			http.Error(w, "sorry", http.StatusInternalServerError)
		},
	})
	curl(middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		jar.From(r.Context()).Data.Note = strings.Repeat("blah ", 1000)
		fmt.Fprintln(w, "your note was saved")
	})), "POST /note", "")
	// Output:
	// 413 your note is too long
}

func ExampleGate() {
	jar := demoJar()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).SignIn(r.Context(), "alice"); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.URL.Path, "of", jar.Peek(r.Context()).Subject())
	})
	toSignIn := stdmw.GateOptions{Denied: http.RedirectHandler("/signin", http.StatusSeeOther)}
	mux.Handle("GET /account", stdmw.Gate(jar, toSignIn)(page))
	mux.Handle("GET /api/news", stdmw.Gate(jar, stdmw.GateOptions{Passive: true})(page)) // polled: keeps nobody signed in
	handler := stdmw.New(jar, stdmw.Options{})(mux)

	curl(handler, "GET /account", "")
	curl(handler, "GET /api/news", "")
	cookie := curl(handler, "POST /signin", "")
	curl(handler, "GET /account", cookie)
	curl(handler, "GET /api/news", cookie)
	// Output:
	// 303 /signin
	// 401 Unauthorized
	// 303 /account
	// 200 /account of alice
	// 200 /api/news of alice
}
