package control

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Respond returns the routes /respond/<how>. set sets the values of a request's session, as the route /set does.
func Respond(hold *Hold, set func(r *http.Request, key, value string)) map[string]http.HandlerFunc {
	change := func(r *http.Request) {
		for _, pair := range r.URL.Query()["set"] {
			key, value, _ := strings.Cut(pair, "=")
			set(r, key, value)
		}
	}
	ways := map[string]http.HandlerFunc{
		"status": status,
		"empty":  func(http.ResponseWriter, *http.Request) {},
		"flush": func(w http.ResponseWriter, _ *http.Request) {
			flush(w)
			body(w)
		},
		"stream": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "one")
			flush(w)
			hold.Wait()
			_, _ = io.WriteString(w, "two")
		},
		"big": func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 8 {
				_, _ = io.WriteString(w, strings.Repeat("x", 1<<12))
			}
		},
		"length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			body(w)
		},
		"hints": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload; as=style")
			w.WriteHeader(http.StatusEarlyHints)
			body(w)
		},
		"panic": func(http.ResponseWriter, *http.Request) { panic("as asked") },
		"abort": func(w http.ResponseWriter, _ *http.Request) {
			body(w)
			flush(w)
			panic(http.ErrAbortHandler)
		},
		"notmodified": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("body"))
		},
		"headers": func(w http.ResponseWriter, r *http.Request) {
			for _, field := range r.URL.Query()["h"] {
				name, value, _ := strings.Cut(field, ":")
				w.Header().Add(name, value)
			}
			body(w)
		},
		"error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "teapot", http.StatusTeapot) },
	}
	routes := map[string]http.HandlerFunc{
		"/respond/early": func(w http.ResponseWriter, r *http.Request) {
			flush(w)
			change(r)
			body(w)
		},
	}
	for how, respond := range ways {
		routes["/respond/"+how] = func(w http.ResponseWriter, r *http.Request) {
			change(r)
			respond(w, r)
		}
	}
	return routes
}

func body(w http.ResponseWriter) { _, _ = io.WriteString(w, "body") }

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

func status(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.FormValue("code"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if code > 300 && code < 309 && code != http.StatusNotModified {
		http.Redirect(w, r, "/read", code)
		return
	}
	w.WriteHeader(code)
	if code != http.StatusNoContent && code != http.StatusNotModified {
		body(w)
	}
}
