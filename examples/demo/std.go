package main

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// stdApp is the application under net/http.
func stdApp(jar *sealjar.Jar[State], base page, csrf *http.CrossOriginProtection) http.Handler {
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
	mux.HandleFunc("POST /fill", func(w http.ResponseWriter, r *http.Request) {
		if !fill(jar.From(r.Context()), r.PostFormValue("bytes")) {
			fail(w, http.StatusBadRequest, badFill)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("GET /whoami", whoAmIHandler(jar, base.Server))
	members := stdmw.Gate(jar, stdmw.GateOptions{})
	mux.Handle("GET /account", members(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, jar.From(r.Context()).Subject()+"\n")
	})))
	sessions := stdmw.New(jar, stdmw.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		status, text := unsealed(err)
		fail(w, status, text)
	}})
	// Other sites can't post to us: CSRF is not the session's matter, and this is all it takes.
	return csrf.Handler(sessions(mux))
}

func back(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func whoAmIHandler(jar *sealjar.Jar[State], server string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, who := whoAmI(r.Context(), jar, server)
		writeJSON(w, status, who)
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
