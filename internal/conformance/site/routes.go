package site

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/conformance/control"
)

// data is what the site keeps in a session.
type data struct {
	Values map[string]string `json:"values,omitempty"`
}

func (d *data) set(key, value string) {
	if d.Values == nil {
		d.Values = make(map[string]string)
	}
	d.Values[key] = value
}

func show(w http.ResponseWriter, s *sealjar.Session[data]) {
	writeJSON(w, map[string]any{"values": s.Data.Values, "subject": s.Subject(), "id": s.ID()})
}

// routes are those of package conformance.
func (s *site) routes() map[string]http.HandlerFunc {
	jar := s.jar
	from := func(r *http.Request) *sealjar.Session[data] { return jar.From(r.Context()) }
	// acts is a route that does something to the session and says so.
	acts := func(do action) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := do(r, from(r)); err != nil {
				status := http.StatusBadRequest
				if errors.Is(err, sealjar.ErrRevoked) {
					status = http.StatusConflict
				}
				http.Error(w, err.Error(), status)
				return
			}
			fmt.Fprint(w, "ok")
		}
	}
	routes := map[string]http.HandlerFunc{
		"/noop": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=60")
			fmt.Fprint(w, "noop")
		},
		"/read":        func(w http.ResponseWriter, r *http.Request) { show(w, from(r)) },
		"/peek":        func(w http.ResponseWriter, r *http.Request) { show(w, jar.Peek(r.Context())) },
		"/set":         acts(setAll),
		"/second/read": func(w http.ResponseWriter, r *http.Request) { show(w, s.second.From(r.Context())) },
		"/second/set":  func(_ http.ResponseWriter, r *http.Request) { _ = setAll(r, s.second.From(r.Context())) },
		"/revert": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			key := r.FormValue("key")
			before := session.Data.Values[key]
			session.Data.set(key, "something else")
			session.Data.set(key, before)
			return nil
		}),
		"/delete": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			delete(session.Data.Values, r.FormValue("key"))
			return nil
		}),
		"/count": func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(from(r).Data.Values["n"])
			from(r).Data.set("n", strconv.Itoa(n+1))
			fmt.Fprint(w, n+1)
		},
		"/large": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			n, err := strconv.Atoi(r.FormValue("bytes"))
			session.Data.set("large", strings.Repeat("x", n))
			return err
		}),
		"/touch": func(_ http.ResponseWriter, r *http.Request) { jar.Touch(r.Context()) },
		"/flash": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return session.AddFlash("info", r.FormValue("text"))
		}),
		"/flashes": func(w http.ResponseWriter, r *http.Request) {
			texts := []string{}
			for _, f := range from(r).Flashes() {
				texts = append(texts, f.Text)
			}
			writeJSON(w, texts)
		},
		"/remember": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return session.Remember(r.FormValue("on") == "1")
		}),
		"/lifetime": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			seconds, _ := strconv.Atoi(r.FormValue("seconds"))
			return session.SetLifetime(time.Duration(seconds) * time.Second)
		}),
		"/signin": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return session.SignIn(r.Context(), r.FormValue("subject"), r.URL.Query()["method"]...)
		}),
		"/signout": acts(func(r *http.Request, session *sealjar.Session[data]) error { return session.End(r.Context()) }),
		"/everywhere": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			return errors.Join(jar.EndAll(r.Context(), session.Subject()), session.End(r.Context()))
		}),
		"/renew": acts(func(r *http.Request, session *sealjar.Session[data]) error { return session.Renew(r.Context()) }),
		"/gate": func(w http.ResponseWriter, r *http.Request) {
			if jar.Check(r.Context()) != nil {
				http.Error(w, "sign in", http.StatusUnauthorized)
			}
		},
		"/hold": acts(func(r *http.Request, session *sealjar.Session[data]) error {
			s.hold.Wait()
			return setAll(r, session)
		}),
	}
	maps.Copy(routes, s.furtherRoutes(acts))
	maps.Copy(routes, control.Respond(s.hold, func(r *http.Request, key, value string) { from(r).Data.set(key, value) }))
	return routes
}

func setAll(r *http.Request, session *sealjar.Session[data]) error {
	for key, values := range r.URL.Query() {
		session.Data.set(key, values[0])
	}
	return nil
}
