package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/sealjar/sealjar"
)

// grace is how long the row of a session that was carried over stays, for requests that were sent at the same time.
const grace = time.Minute

// carryOver gives whoever comes with the cookie of scs, and none of ours, the session that the old store has for it. The old
// cookie is deleted in the same response, and the row soon afterwards.
func carryOver(jar *sealjar.Jar[State], old *scs.SessionManager) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie, err := r.Cookie(old.Cookie.Name); err == nil {
				ctx, err := old.Load(r.Context(), cookie.Value)
				if err == nil && errors.Is(jar.From(r.Context()).Err(), sealjar.ErrNone) {
					err = fill(ctx, jar.From(r.Context()), old)
				}
				if err != nil { // the store does not answer: the cookie stays
					http.Error(w, "try again", http.StatusServiceUnavailable)
					return
				}
				old.WriteSessionCookie(ctx, w, "", time.Time{})
			}
			next.ServeHTTP(w, r)
		})
	}
}

// fill puts what the old session holds into ours.
func fill(ctx context.Context, session *sealjar.Session[State], old *scs.SessionManager) error {
	if old.Token(ctx) == "" {
		return nil // the store has none for that cookie
	}
	session.Data.Views = old.GetInt(ctx, "views")
	if user := old.GetString(ctx, "user"); user != "" {
		end := old.Deadline(ctx)
		if err := session.SignIn(ctx, user); err != nil {
			return err
		}
		_ = session.Remember(old.GetBool(ctx, "__rememberMe"))
		if end.Before(session.AbsoluteExpiry()) {
			_ = session.SetLifetime(max(time.Second, time.Until(end))) // it ends when it would have ended
		}
	}
	old.SetDeadline(ctx, time.Now().Add(grace))
	_, _, err := old.Commit(ctx)
	return err
}
