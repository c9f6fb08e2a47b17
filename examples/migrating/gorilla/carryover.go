package main

import (
	"errors"
	"net/http"

	"github.com/gorilla/securecookie"

	"github.com/sealjar/sealjar"
)

// carryOver gives whoever comes with gorilla's cookie, and none of ours, what is in it. The old cookie is deleted in the same
// response: left alone, it would bring a session back after its end.
func carryOver(jar *sealjar.Jar[State], old []securecookie.Codec) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie, err := r.Cookie("shop"); err == nil {
				var values map[any]any
				session := jar.From(r.Context())
				if errors.Is(session.Err(), sealjar.ErrNone) && securecookie.DecodeMulti("shop", cookie.Value, &values, old...) == nil {
					session.Data.Views, _ = values["views"].(int)
					if user, _ := values["user"].(string); user != "" && session.SignIn(r.Context(), user) != nil {
						http.Error(w, "try again", http.StatusServiceUnavailable)
						return
					}
				}
				http.SetCookie(w, &http.Cookie{Name: "shop", Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
			}
			next.ServeHTTP(w, r)
		})
	}
}
