package main

import (
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
)

func before(store *sessions.CookieStore) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "shop")
		views, _ := session.Values["views"].(int)
		session.Values["views"] = views + 1
		flashes := session.Flashes()
		if err := session.Save(r, w); err != nil { // before the first byte
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		for _, flash := range flashes {
			fmt.Fprintln(w, flash)
		}
		user, _ := session.Values["user"].(string)
		fmt.Fprintf(w, "Views %d %s\n", views+1, user)
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "shop")
		session.Values["user"] = "alice" // after a look at the password
		session.AddFlash("Welcome.")
		if r.FormValue("remember") == "" {
			session.Options.MaxAge = 0 // until the browser closes
		}
		if err := session.Save(r, w); err != nil {
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "shop")
		session.Options.MaxAge = -1
		if err := session.Save(r, w); err != nil {
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return mux
}
