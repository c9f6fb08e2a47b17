package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// grace is how long the row of a session that was carried over is read once more, for requests that were sent at the same time.
const grace = time.Minute

// carryOver gives whoever comes with the cookie of scs, and none of ours, the session that the old store has for it. The old
// cookie is deleted in the same response, and the row is worth nothing soon afterwards.
func carryOver(jar *sealjar.Jar[State], list sealjar.Revocation, old *scs.SessionManager) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie, err := r.Cookie(old.Cookie.Name); err == nil {
				ctx, err := old.Load(r.Context(), cookie.Value)
				if err == nil && errors.Is(jar.From(r.Context()).Err(), sealjar.ErrNone) {
					err = fill(ctx, jar.From(r.Context()), list, old)
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
func fill(ctx context.Context, session *sealjar.Session[State], list sealjar.Revocation, old *scs.SessionManager) error {
	const mark = "carried over" // and not an earlier deadline, which requests of the same time would take for their session's
	at := old.GetInt64(ctx, mark)
	if old.Token(ctx) == "" || at != 0 && time.Since(time.Unix(at, 0)) > grace {
		return nil // the store has none for that cookie, or had one
	}
	if user := old.GetString(ctx, "user"); user != "" {
		end := old.Deadline(ctx)
		err := list.Check(ctx, revocation.Claims{Subject: user, AuthTime: end.Add(-old.Lifetime)}) // which is when they signed in
		if errors.Is(err, revocation.ErrRevoked) {
			return nil
		}
		if err == nil {
			err = session.SignIn(ctx, user)
		}
		if err != nil {
			return err
		}
		_ = session.Remember(old.GetBool(ctx, "__rememberMe"))
		if end.Before(session.AbsoluteExpiry()) {
			_ = session.SetLifetime(max(time.Second, time.Until(end))) // it ends when it would have ended
		}
	}
	session.Data.Views = old.GetInt(ctx, "views")
	if at != 0 {
		return nil
	}
	old.Put(ctx, mark, time.Now().Unix())
	_, _, err := old.Commit(ctx)
	return err
}
