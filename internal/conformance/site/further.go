package site

import (
	"errors"
	"net/http"
	"time"

	"github.com/sealjar/sealjar"
)

// action does something to the session of a request.
type action func(r *http.Request, session *sealjar.Session[data]) error

// furtherRoutes are those for what not every peer has.
func (s *site) furtherRoutes(acts func(action) http.HandlerFunc) map[string]http.HandlerFunc {
	jar := s.jar
	return map[string]http.HandlerFunc{
		"/fresh": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return errors.Join(session.End(r.Context()), setAll(r, session))
		}),
		"/others": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return jar.EndOthers(r.Context(), session)
		}),
		"/recent": func(w http.ResponseWriter, r *http.Request) {
			switch err := jar.CheckRecent(r.Context(), 5*time.Minute); {
			case errors.Is(err, sealjar.ErrStale):
				http.Error(w, "sign in again", http.StatusForbidden)
			case err != nil:
				http.Error(w, "sign in", http.StatusUnauthorized)
			}
		},
		"/methods": func(w http.ResponseWriter, r *http.Request) { writeJSON(w, jar.From(r.Context()).Methods()) },
		"/left": func(w http.ResponseWriter, r *http.Request) {
			session := jar.Peek(r.Context())
			writeJSON(w, map[string]float64{
				"idle": session.IdleExpiry().Sub(s.now()).Seconds(), "absolute": session.AbsoluteExpiry().Sub(s.now()).Seconds(),
			})
		},
		"/token": func(w http.ResponseWriter, r *http.Request) {
			token, err := jar.Seal(jar.From(r.Context()))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			writeJSON(w, map[string]string{"token": token})
		},
		"/slot": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return sealjar.Slot[string](r.FormValue("package")).Set(session, r.FormValue("text"))
		}),
		"/slots": func(w http.ResponseWriter, r *http.Request) {
			texts := make(map[string]string)
			for _, name := range r.URL.Query()["package"] {
				if text, ok := sealjar.Slot[string](name).Get(jar.From(r.Context())); ok {
					texts[name] = text
				}
			}
			writeJSON(w, texts)
		},
		"/guarded/set": http.NewCrossOriginProtection().Handler(acts(setAll)).ServeHTTP,
		"/proxied":     s.proxy,
		"/reader/read": func(w http.ResponseWriter, r *http.Request) { show(w, s.reader.From(r.Context())) },
		"/reader/set":  s.reads(setAll),
		"/reader/signin": s.reads(func(r *http.Request, session *sealjar.Session[data]) error {
			return session.SignIn(r.Context(), "mallory")
		}),
		"/reader/signout": s.reads(func(r *http.Request, session *sealjar.Session[data]) error { return session.End(r.Context()) }),
	}
}

// reads is a route of a program that only reads sessions: what it tries it can't.
func (s *site) reads(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r, s.reader.From(r.Context())); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	}
}
