package mwtest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var failures = append(eachDoor(),
	behaviour{
		name:  "a session that is too large, and HEAD: 500",
		serve: serving(overfilled),
		check: func(t *testing.T, s *site) {
			refusedCleanly(t, s, s.do(t, s.request(t, http.MethodHead, "/", nil)))
		},
	},
	behaviour{
		name: "a session that is too large: what the header said of the handler's body is gone, the rest stays",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "1"})
			s.overfill(r)
			for _, name := range []string{"ETag", "Location", "X-Accel-Redirect", "Content-Disposition"} {
				w.Header().Set(name, "handler's")
			}
			w.Header().Set("Content-Length", "19")
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Cache-Control", "public, max-age=60")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = io.WriteString(w, "the handler's words")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			refusedCleanly(t, s, r)
			require.NotContains(t, r.Header, "Etag")
			require.NotContains(t, r.Header, "Location")
			require.NotContains(t, r.Header, "X-Accel-Redirect")
			require.NotContains(t, r.Header, "Content-Disposition")
			require.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
			require.Equal(t, "default-src 'self'", r.Header.Get("Content-Security-Policy"))
			require.NotNil(t, r.cookie(t, "other"))
		},
	},
	behaviour{
		name:  "a session that is too large, and an error handler of one's own: it learns why and answers",
		serve: serving(overfilled),
		fail: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, sealjar.ErrTooLarge) {
				w.WriteHeader(http.StatusInsufficientStorage)
			}
			_, _ = io.WriteString(w, "sorry")
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusInsufficientStorage, r.StatusCode)
			require.Equal(t, "sorry", r.body)
			require.Nil(t, r.session(t))
		},
	},
	behaviour{
		name:  "a session that is too large, and an error handler that answers nothing: 500",
		serve: serving(overfilled),
		fail:  func(http.ResponseWriter, *http.Request, error) {},
		check: func(t *testing.T, s *site) { refusedCleanly(t, s, s.get(t)) },
	},
	behaviour{
		name:  "a session that is too large, and the handler goes on for long: the answer has ended with the error",
		serve: serving(goesOn),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			refusedCleanly(t, s, r)
			require.Equal(t, "Internal Server Error\n", r.body)
			s.settle()
			require.Equal(t, 1, s.count(sealjar.EventUnwritten, nil))
		},
	},
)

// goesOn tries everything after a failed commit.
func goesOn(s *site, w http.ResponseWriter, r *http.Request) {
	s.overfill(r)
	for range 3 {
		_, _ = io.WriteString(w, "the handler's words")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		_, _, _ = http.NewResponseController(w).Hijack()
		_, _ = io.Copy(w, io.LimitReader(strings.NewReader("the handler's copy"), 99))
		s.change(r)
	}
}

// eachDoor has the commit fail at each of the ways by which a header can leave.
func eachDoor() (all []behaviour) {
	for _, door := range []struct {
		name string
		use  func(w http.ResponseWriter, r *http.Request)
		on   func(Stack) bool
	}{
		{name: "a handler that writes nothing", use: func(http.ResponseWriter, *http.Request) {}},
		{name: "Write", use: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the handler's") }},
		{name: "a 204", use: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
		{name: "a redirect", use: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/handler", http.StatusFound) }},
		{name: "Flush", use: func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }},
		{name: "a controller's Flush", use: func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err == nil {
				_, _ = io.WriteString(w, "the handler's") // with Echo, whose Response swallows the error
			}
		}},
		{name: "Hijack", on: http1, use: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nthe handler's")
				conn.Close()
			}
		}},
		{name: "ReadFrom", use: func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "handler.txt", time.Time{}, strings.NewReader("the handler's"))
		}},
		{name: "Early Hints and then a page", on: tellsHintsApart, use: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "the handler's")
		}},
	} {
		all = append(all, behaviour{
			name: "a session that is too large, and " + door.name + ": one clean 500",
			on:   door.on,
			serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
				s.overfill(r)
				door.use(w, r)
			}),
			check: func(t *testing.T, s *site) {
				r := s.get(t)
				refusedCleanly(t, s, r)
				require.Equal(t, "Internal Server Error\n", r.body)
			},
		})
	}
	return all
}
