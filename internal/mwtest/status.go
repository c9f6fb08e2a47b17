package mwtest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

var statuses = append(eachStatus(200, 201, 204, 301, 302, 303, 304, 307, 400, 401, 404, 405, 410, 500, 503),
	behaviour{
		name: "a handler that writes nothing: the cookie is on the empty 200",
		serve: serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
			s.change(r)
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, 200, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	behaviour{
		name: "a handler that only writes: the cookie is on the implicit 200",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			_, _ = w.Write([]byte("hello"))
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, "hello", r.body)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	behaviour{
		name: "HEAD: the cookie is set as with GET",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Content-Length", "5")
			_, _ = w.Write([]byte("hello"))
		}),
		check: func(t *testing.T, s *site) {
			r := s.do(t, s.request(t, http.MethodHead, "/", nil))
			require.Empty(t, r.body)
			require.EqualValues(t, 5, r.ContentLength)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	behaviour{
		name:  "a handler that does not ask for its session: not a header is added",
		serve: serving(func(*site, http.ResponseWriter, *http.Request) {}),
		check: func(t *testing.T, s *site) {
			bare := httptest.NewRecorder().Result().Header
			r := s.get(t, &http.Cookie{Name: cookieName, Value: "garbage"})
			r.Header.Del("Date")
			r.Header.Del("Content-Length")
			require.Equal(t, bare, r.Header)
			require.Empty(t, s.events, "the cookie was not even opened")
		},
	},
	behaviour{
		name: "a handler that only reads its session: Vary, and no cookie",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(s.jar.From(r.Context()).Subject()))
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, "Cookie", r.Header.Get("Vary"))
			require.Empty(t, r.Header["Set-Cookie"])
			require.Empty(t, r.Header["Cache-Control"])
		},
	},
	behaviour{
		name: "a cookie that comes back unchanged is not sent again",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			if session.IsNew() {
				session.Data.N = 7
			}
			_, _ = w.Write([]byte(strconv.Itoa(session.Data.N)))
		}),
		check: func(t *testing.T, s *site) {
			again := s.get(t, s.get(t).session(t))
			require.Equal(t, "7", again.body)
			require.Empty(t, again.Header["Set-Cookie"])
		},
	},
	behaviour{
		name: "WriteHeader twice: one cookie, and the first status",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.WriteHeader(http.StatusAccepted)
			w.WriteHeader(http.StatusTeapot)
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusAccepted, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
)

func eachStatus(list ...int) (all []behaviour) {
	for _, status := range list {
		all = append(all, behaviour{
			name: "a response with status " + strconv.Itoa(status) + ": one cookie",
			serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
				s.change(r)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			}),
			check: func(t *testing.T, s *site) {
				r := s.get(t)
				require.Equal(t, status, r.StatusCode)
				require.Equal(t, 1, s.saved(t, r).Data.N)
			},
		})
	}
	return all
}
