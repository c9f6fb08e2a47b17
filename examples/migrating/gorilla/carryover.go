package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// carryOver gives whoever comes with gorilla's cookie, and none of ours, what is in it. The old cookie is deleted in the same
// response: left alone, it would bring a session back after its end.
func carryOver(jar *sealjar.Jar[State], list sealjar.Revocation, old []securecookie.Codec) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie, err := r.Cookie("shop"); err == nil {
				var values map[any]any
				session := jar.From(r.Context())
				if errors.Is(session.Err(), sealjar.ErrNone) && securecookie.DecodeMulti("shop", cookie.Value, &values, old...) == nil {
					if fill(r.Context(), session, list, values) != nil {
						http.Error(w, "try again", http.StatusServiceUnavailable) // and the cookie stays
						return
					}
				}
				http.SetCookie(w, &http.Cookie{Name: "shop", Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
			}
			next.ServeHTTP(w, r)
		})
	}
}

// fill puts what the old session holds into ours.
func fill(ctx context.Context, session *sealjar.Session[State], list sealjar.Revocation, values map[any]any) error {
	if user, _ := values["user"].(string); user != "" {
		// When they signed in is not known, so whatever was revoked of them counts.
		err := list.Check(ctx, revocation.Claims{Subject: user, AuthTime: time.UnixMilli(1)})
		if errors.Is(err, revocation.ErrRevoked) {
			return nil
		}
		if err == nil {
			err = session.SignIn(ctx, user)
		}
		if err != nil {
			return err
		}
	}
	session.Data.Views, _ = values["views"].(int)
	return nil
}
