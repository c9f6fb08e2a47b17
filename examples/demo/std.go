package main

import (
	"io"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// stdApp is the application under net/http.
func stdApp(jar *sealjar.Jar[State], base page) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		p := base.visit(jar.From(r.Context()))
		w.Header().Add("Vary", "Accept")
		if !wantsHTML(r.Header.Get("Accept")) {
			_, _ = io.WriteString(w, p.text())
			return
		}
		html, err := p.html()
		if err != nil {
			http.Error(w, "page", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, html)
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		err := signIn(r.Context(), jar.From(r.Context()), r.PostFormValue("name"), r.PostFormValue("remember") != "")
		back(w, r, err)
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		back(w, r, signOut(r.Context(), jar.From(r.Context())))
	})
	// Other sites can't post to us: CSRF is not the session's matter, and this is all it takes.
	return http.NewCrossOriginProtection().Handler(stdmw.New(jar, stdmw.Options{})(mux))
}

func back(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
