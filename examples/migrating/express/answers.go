// Package express holds what docs/migrating.md says to those who come from Express.
package express

import (
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// State is what a session holds.
type State struct {
	Views int    `json:"views"`
	Theme string `json:"theme,omitempty"`

	SignedInAt int64 `json:"signedInAt,omitempty"` // Unix milliseconds, for Node.js
}

// NewJar has what express-session does with cookie.maxAge of 14 days, rolling, resave: false and saveUninitialized: false. A deployment
// that is spoken to without TLS has secure and sameSite "auto".
func NewJar(ring *keys.Ring, plain bool) (*sealjar.Jar[State], error) {
	options := sealjar.Options{
		Keys:     ring,
		Idle:     14 * 24 * time.Hour,
		Absolute: 90 * 24 * time.Hour, // express-session has no such end
		Cookie:   sealjar.Cookie{Persistent: true, Priority: "High"},
	}
	if plain {
		options.Cookie.Name = "session" // browsers want Secure for the prefix __Host-
		options.Cookie.Adjust = func(r *http.Request, c sealjar.Cookie) sealjar.Cookie {
			if c.InsecureHTTP = r.TLS == nil; !c.InsecureHTTP {
				c.SameSite = http.SameSiteNoneMode
			}
			return c
		}
	}
	return sealjar.New[State](options)
}

// Site answers with what a session method of Express is here.
func Site(jar *sealjar.Jar[State]) http.Handler {
	mux := http.NewServeMux()
	answer := func(path string, do func(*http.Request, *sealjar.Session[State]) error) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := do(r, jar.From(r.Context())); err != nil {
				http.Error(w, "try again", http.StatusServiceUnavailable)
			}
		})
	}
	answer("/regenerate", func(r *http.Request, session *sealjar.Session[State]) error {
		theme := session.Data.Theme
		err := session.End(r.Context()) // what is left is empty and has a new id
		session.Data.Theme = theme
		return err
	})
	answer("/signin", func(r *http.Request, session *sealjar.Session[State]) error {
		err := session.SignIn(r.Context(), "alice") // a new id, and the data stays
		session.Data.SignedInAt = session.AuthTime().UnixMilli()
		return err
	})
	answer("/reload", func(r *http.Request, session *sealjar.Session[State]) error {
		session.Data.Views++
		fresh, err := jar.Load(r) // what the request brought
		session.Data = fresh.Data // so nothing is changed, and nothing is written
		return err
	})
	answer("/until-midnight", func(r *http.Request, session *sealjar.Session[State]) error {
		if err := session.SignIn(r.Context(), "alice"); err != nil {
			return err
		}
		day := session.AuthTime().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
		return session.SetLifetime(day.Sub(session.AuthTime())) // it ends then, whoever uses it
	})
	return stdmw.New(jar, stdmw.Options{})(mux)
}
