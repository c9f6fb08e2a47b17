package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/control"
)

// scsSite is the site with alexedwards/scs and its store in memory.
type scsSite struct {
	http.Handler
	first, second *scs.SessionManager
	hold          *control.Hold
}

// SCS returns the site with alexedwards/scs.
func SCS() http.Handler {
	return control.New(func(options url.Values) (control.Site, error) {
		s := &scsSite{first: newManager(options), second: newManager(nil), hold: control.NewHold()}
		s.second.Cookie.Name = "__Host-second"
		pages, second := http.NewServeMux(), http.NewServeMux()
		for path, h := range s.routes() {
			if strings.HasPrefix(path, "/second/") {
				second.HandleFunc(path, h)
			} else {
				pages.HandleFunc(path, h)
			}
		}
		all := http.NewServeMux()
		all.Handle("/", s.first.LoadAndSave(pages))
		all.Handle("/second/", s.second.LoadAndSave(second))
		s.Handler = control.Recover(all)
		return s, nil
	})
}

// scsManager is copied for each session, since scs.New starts a goroutine that can't be ended for sure.
var scsManager = scs.New()

func newManager(options url.Values) *scs.SessionManager {
	fresh := *scsManager
	m := &fresh
	m.Store = memstore.NewWithCleanupInterval(0)
	m.IdleTimeout, m.Lifetime = 30*time.Minute, 12*time.Hour
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "sorry", http.StatusInternalServerError)
	}
	m.Cookie.Name, m.Cookie.Persist = "__Host-session", options.Get("persistent") == "1"
	m.Cookie.Secure, m.Cookie.HttpOnly = options.Get("http") != "1", options.Get("script") != "1"
	m.Cookie.Partitioned, m.Cookie.Domain = options.Get("partitioned") == "1", options.Get("domain")
	if name := options.Get("name"); name != "" {
		m.Cookie.Name = name
	}
	if path := options.Get("path"); path != "" {
		m.Cookie.Path = path
	}
	switch options.Get("samesite") {
	case "strict":
		m.Cookie.SameSite = http.SameSiteStrictMode
	case "none":
		m.Cookie.SameSite = http.SameSiteNoneMode
	}
	return m
}

// About says what it can't do.
func (s *scsSite) About() conformance.About {
	return conformance.About{Cookie: s.first.Cookie.Name, Second: s.second.Cookie.Name, Lacks: map[string]string{
		"clock":   "scs has no clock that a test could set",
		"passive": "with scs every request below its middleware keeps the session alive",
		"leeway":  "the server alone knows when a session ends",
		"keys":    "scs has no keys: its cookie is a random token",
		"sealed":  "the cookie is a random token",
		"bounded": "the session is kept on the server, with no limit",

		"chunks":    "not offered, nor needed: the session is kept on the server, with no limit",
		"twins":     "not offered: of several cookies of one name the first counts, and the others stay",
		"tenants":   "not offered: the attributes of the cookie are the manager's",
		"priority":  "not offered: scs does not write this attribute",
		"countdown": "not offered: scs tells the end of its Lifetime and not that of the idle time",
		"recent":    "not offered: how and when somebody signed in are values that the application keeps",
		"bearer":    "not offered: to take the token from a header is the task of a middleware that the application writes with Load and Commit",
		"proxy":     "not offered: a proxy passes on what it is told to",
		"reader":    "not offered: who has the store may write to it",
		"forms":     "not offered: each value is kept by itself, and the application looks at what it gets",
	}}
}

var errLacks = errors.New("scs can't")

// Clock, Keys, Configure, Deploy and Hold make it a control.Site.
func (s *scsSite) Clock(time.Duration) error { return errLacks }

// Keys can't be.
func (s *scsSite) Keys(string) error { return errLacks }

// Deploy can't be.
func (s *scsSite) Deploy(string) error { return errLacks }

// Configure changes the idle time.
func (s *scsSite) Configure(idle time.Duration) error {
	s.first.IdleTimeout = idle
	return nil
}

// Hold is where requests wait.
func (s *scsSite) Hold() *control.Hold { return s.hold }

// Names in the session: values have a prefix.
const (
	valuePrefix  = "v:"
	subjectName  = "subject"
	messagesName = "flash"
)

func showSCS(m *scs.SessionManager) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		values := make(map[string]string)
		for _, key := range m.Keys(r.Context()) {
			if name, ok := strings.CutPrefix(key, valuePrefix); ok {
				values[name] = m.GetString(r.Context(), key)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"values": values, "subject": m.GetString(r.Context(), subjectName), "id": m.Token(r.Context()),
		})
	}
}

func setSCS(m *scs.SessionManager, r *http.Request) error {
	for key, values := range r.URL.Query() {
		m.Put(r.Context(), valuePrefix+key, values[0])
	}
	return nil
}

func (s *scsSite) routes() map[string]http.HandlerFunc {
	m := s.first
	acts := func(do func(ctx context.Context, r *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := do(r.Context(), r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
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
		"/read":        showSCS(m),
		"/peek":        showSCS(m),
		"/second/read": showSCS(s.second),
		"/set":         acts(func(_ context.Context, r *http.Request) error { return setSCS(m, r) }),
		"/second/set":  acts(func(_ context.Context, r *http.Request) error { return setSCS(s.second, r) }),
		"/revert": acts(func(ctx context.Context, r *http.Request) error {
			key := valuePrefix + r.FormValue("key")
			before := m.GetString(ctx, key)
			m.Put(ctx, key, "something else")
			m.Put(ctx, key, before)
			return nil
		}),
		"/delete": acts(func(ctx context.Context, r *http.Request) error {
			m.Remove(ctx, valuePrefix+r.FormValue("key"))
			return nil
		}),
		"/count": func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(m.GetString(r.Context(), valuePrefix+"n"))
			m.Put(r.Context(), valuePrefix+"n", strconv.Itoa(n+1))
			fmt.Fprint(w, n+1)
		},
		"/large": acts(func(ctx context.Context, r *http.Request) error {
			n, err := strconv.Atoi(r.FormValue("bytes"))
			m.Put(ctx, valuePrefix+"large", strings.Repeat("x", n))
			return err
		}),
		"/touch": func(http.ResponseWriter, *http.Request) {},
		"/flash": acts(func(ctx context.Context, r *http.Request) error {
			texts, _ := m.Get(ctx, messagesName).([]string)
			m.Put(ctx, messagesName, append(texts[:len(texts):len(texts)], r.FormValue("text")))
			return nil
		}),
		"/flashes": func(w http.ResponseWriter, r *http.Request) {
			texts, _ := m.Pop(r.Context(), messagesName).([]string)
			_ = json.NewEncoder(w).Encode(texts)
		},
		"/remember": acts(func(ctx context.Context, r *http.Request) error {
			m.RememberMe(ctx, r.FormValue("on") == "1")
			return nil
		}),
		"/lifetime": acts(func(ctx context.Context, r *http.Request) error {
			seconds, err := strconv.Atoi(r.FormValue("seconds"))
			m.SetDeadline(ctx, time.Now().Add(time.Duration(seconds)*time.Second))
			return err
		}),
		"/signin": acts(func(ctx context.Context, r *http.Request) error {
			if have := m.GetString(ctx, subjectName); have != "" && have != r.FormValue("subject") {
				if err := m.Clear(ctx); err != nil {
					return err
				}
			}
			if err := m.RenewToken(ctx); err != nil {
				return err
			}
			m.Put(ctx, subjectName, r.FormValue("subject"))
			return nil
		}),
		"/signout":    acts(func(ctx context.Context, _ *http.Request) error { return m.Destroy(ctx) }),
		"/everywhere": acts(func(ctx context.Context, _ *http.Request) error { return s.everywhere(ctx) }),
		"/others": acts(func(ctx context.Context, _ *http.Request) error {
			if !m.Exists(ctx, subjectName) {
				return nil
			}
			return errors.Join(s.endAll(ctx), m.RenewToken(ctx))
		}),
		"/fresh": acts(func(ctx context.Context, r *http.Request) error { return errors.Join(m.Destroy(ctx), setSCS(m, r)) }),
		"/left": func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]float64{"absolute": time.Until(m.Deadline(r.Context())).Seconds()})
		},
		"/slot": acts(func(ctx context.Context, r *http.Request) error {
			m.Put(ctx, r.FormValue("package"), r.FormValue("text"))
			return nil
		}),
		"/slots": func(w http.ResponseWriter, r *http.Request) {
			texts := make(map[string]string)
			for _, name := range r.URL.Query()["package"] {
				if m.Exists(r.Context(), name) {
					texts[name] = m.GetString(r.Context(), name)
				}
			}
			_ = json.NewEncoder(w).Encode(texts)
		},
		"/guarded/set": http.NewCrossOriginProtection().Handler(acts(func(_ context.Context, r *http.Request) error {
			return setSCS(m, r)
		})).ServeHTTP,
		"/renew": acts(func(ctx context.Context, _ *http.Request) error { return m.RenewToken(ctx) }),
		"/gate": func(w http.ResponseWriter, r *http.Request) {
			if !m.Exists(r.Context(), subjectName) {
				http.Error(w, "sign in", http.StatusUnauthorized)
			}
		},
		"/hold": acts(func(_ context.Context, r *http.Request) error {
			s.hold.Wait()
			return setSCS(m, r)
		}),
	}
	maps.Copy(routes, control.Respond(s.hold, func(r *http.Request, key, value string) { m.Put(r.Context(), valuePrefix+key, value) }))
	return routes
}

// everywhere destroys all sessions of the subject of this one.
func (s *scsSite) everywhere(ctx context.Context) error {
	return errors.Join(s.endAll(ctx), s.first.Destroy(ctx))
}

// endAll destroys what the store has of the subject of this session.
func (s *scsSite) endAll(ctx context.Context) error {
	subject := s.first.GetString(ctx, subjectName)
	return s.first.Iterate(ctx, func(other context.Context) error {
		if s.first.GetString(other, subjectName) != subject {
			return nil
		}
		return s.first.Destroy(other)
	})
}
