package sealjar_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// A reverse proxy tells who is behind it who the user is, and not how they prove it.
func ExampleJar_StripCookies() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "user %q, cookies %q\n", r.Header.Get("X-User"), r.Header.Get("Cookie"))
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring()})
	if err != nil {
		log.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(pr *httputil.ProxyRequest) {
		pr.SetURL(target)
		jar.StripCookies(pr.Out)
		pr.Out.Header.Set("X-User", jar.From(pr.In.Context()).Subject())
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		_ = jar.From(r.Context()).SignIn(r.Context(), "alice")
	})
	mux.Handle("/", proxy)

	alice := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	alice.Visit("POST /signin")
	alice.Visit("GET /")
	// Output:
	// user "alice", cookies "theme=dark"
}

// One program signs users in, and another one only reads who they are.
func ExampleOptions_readOnly() {
	keys := ring()
	issuer, err := sealjar.New[State](sealjar.Options{Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := sealjar.New[State](sealjar.Options{Keys: keys, ReadOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	signIn := func(w http.ResponseWriter, r *http.Request) {
		session, _ := issuer.Load(&http.Request{}) // a new one, whatever the request brings
		_ = session.SignIn(r.Context(), "alice")
		if err := issuer.Save(w, session); err != nil {
			http.Error(w, "sorry", http.StatusInternalServerError)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", signIn)
	mux.Handle("GET /", stdmw.New(reader, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := reader.From(r.Context())
		fmt.Fprintln(w, session.Subject(), "-", session.AddFlash("info", "hello"))
	})))

	alice := newBrowser(mux)
	alice.Visit("POST /signin")
	alice.Visit("GET /")
	// Output:
	// alice - sealjar: the jar only reads: see Options.ReadOnly
}
