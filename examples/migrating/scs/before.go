package main

import (
	"fmt"
	"net/http"

	"github.com/alexedwards/scs/v2"
)

func before(manager *scs.SessionManager) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		views := manager.GetInt(r.Context(), "views") + 1
		manager.Put(r.Context(), "views", views)
		if flash := manager.PopString(r.Context(), "flash"); flash != "" {
			fmt.Fprintln(w, flash)
		}
		fmt.Fprintf(w, "Views %d %s\n", views, manager.GetString(r.Context(), "user"))
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		if err := manager.RenewToken(r.Context()); err != nil { // after a look at the password
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		manager.Put(r.Context(), "user", "alice")
		manager.RememberMe(r.Context(), r.FormValue("remember") != "") // with Cookie.Persist = false
		manager.Put(r.Context(), "flash", "Welcome.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		if err := manager.Destroy(r.Context()); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return manager.LoadAndSave(mux)
}
