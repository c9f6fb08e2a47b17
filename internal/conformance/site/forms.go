package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/sealjar/sealjar"
)

// What sessions hold in other versions of the site's program.
type (
	wider struct { // a field more
		Values map[string]string `json:"values,omitempty"`
		Note   string            `json:"note,omitempty"`
	}
	retyped struct { // another type under the name of a field
		Values []pair `json:"values,omitempty"`
		Note   string `json:"note,omitempty"`
	}
	pair struct{ Key, Value string }
)

// Deploy puts another version of the program in place of the one that runs, with the same keys and sessions.
func (s *site) Deploy(form string) error {
	options := s.options
	switch form {
	case "first":
		return s.open()
	case "wider":
		return deploy(s, options, func(d *wider) map[string]string {
			all := map[string]string{}
			maps.Copy(all, d.Values)
			if d.Note != "" {
				all["note"] = d.Note
			}
			return all
		}, func(d *wider, _, value string) { d.Note = value })
	case "retyped":
	case "migrating":
		options.Version, options.Migrate = 1, migrate
	case "failing":
		options.Version = 1
		options.Migrate = func(int, []byte) ([]byte, error) { return nil, errors.New("no") }
	default:
		return fmt.Errorf("site: what is %q", form)
	}
	return deploy(s, options, func(d *retyped) map[string]string {
		all := make(map[string]string)
		for _, p := range d.Values {
			all[p.Key] = p.Value
		}
		if d.Note != "" {
			all["note"] = d.Note
		}
		return all
	}, func(d *retyped, key, value string) { d.Values = append(d.Values, pair{key, value}) })
}

func migrate(_ int, text []byte) ([]byte, error) {
	var old data
	if err := json.Unmarshal(text, &old); err != nil {
		return nil, err
	}
	var next retyped
	for key, value := range old.Values {
		next.Values = append(next.Values, pair{key, value})
	}
	return json.Marshal(next)
}

// deploy serves the routes /read, /set and /touch with data of another type.
func deploy[T any](s *site, options sealjar.Options, read func(*T) map[string]string, set func(d *T, key, value string)) error {
	jar, err := sealjar.New[T](options)
	if err != nil {
		return err
	}
	s.serve(s.mount([]sealjar.AnyJar{jar}, map[string]http.HandlerFunc{
		"/read": func(w http.ResponseWriter, r *http.Request) {
			session := jar.From(r.Context())
			writeJSON(w, map[string]any{"values": read(&session.Data), "subject": session.Subject(), "id": session.ID()})
		},
		"/set": func(_ http.ResponseWriter, r *http.Request) {
			for key, values := range r.URL.Query() {
				set(&jar.From(r.Context()).Data, key, values[0])
			}
		},
		"/touch":         func(_ http.ResponseWriter, r *http.Request) { jar.Touch(r.Context()) },
		"/respond/empty": func(http.ResponseWriter, *http.Request) {}, // of which adapters make routes of their own
	}))
	return nil
}
