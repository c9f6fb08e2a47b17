package mwtest

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// A change after the header has left can't reach the client. It is never lost in silence.
var lateness = []behaviour{
	{
		name: "Data changed after the first byte: the cookie is of before, and the change is reported",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			_, _ = io.WriteString(w, "hello")
			s.change(r)
		}),
		check: lateChange(1),
	},
	{
		name: "Data changed after Flush: reported",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			_ = http.NewResponseController(w).Flush()
			s.change(r)
		}),
		check: lateChange(1),
	},
	{
		name: "Data changed after WriteHeader: reported",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.WriteHeader(http.StatusCreated)
			s.change(r)
		}),
		check: lateChange(1),
	},
	{
		name: "a session that is asked for after the first byte, and changed: reported",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "hello")
			s.change(r)
		}),
		check: func(t *testing.T, s *site) {
			require.Nil(t, s.get(t).session(t))
			s.settle()
			require.Equal(t, 1, s.count(sealjar.EventUnwritten, sealjar.ErrHeadersSent))
		},
	},
	{
		name: "a session that is asked for after the first byte, and only read: nothing to report",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "hello")
			_ = s.jar.From(r.Context()).Subject()
		}),
		check: func(t *testing.T, s *site) {
			require.Nil(t, s.get(t).session(t))
			s.settle()
			require.Zero(t, s.count(sealjar.EventUnwritten, nil))
		},
	},
	{
		name: "a session that is asked for after the first byte knows that it is too late",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "hello")
			require.ErrorIs(s.t, s.jar.From(r.Context()).SignIn(r.Context(), "alice"), sealjar.ErrHeadersSent)
		}),
		check: func(t *testing.T, s *site) {
			require.Nil(t, s.get(t).session(t))
			s.settle()
		},
	},
	{
		name: "a change after the first byte that is taken back: nothing to report",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			session.Data.N = 1
			_, _ = io.WriteString(w, "hello")
			session.Data.N = 2
			session.Data.N = 1
		}),
		check: func(t *testing.T, s *site) {
			require.Equal(t, 1, s.saved(t, s.get(t)).Data.N)
			s.settle()
			require.Zero(t, s.count(sealjar.EventUnwritten, nil))
		},
	},
	{
		name: "methods that change the session return ErrHeadersSent after the first byte",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			w.WriteHeader(http.StatusOK)
			for _, err := range []error{
				session.SignIn(r.Context(), "alice"), session.Renew(r.Context()), session.End(r.Context()),
				session.AddFlash("info", "hello"), session.Remember(true),
			} {
				require.ErrorIs(s.t, err, sealjar.ErrHeadersSent)
			}
		}),
		check: func(t *testing.T, s *site) {
			require.Nil(t, s.get(t).session(t))
			s.settle()
		},
	},
}

func lateChange(written int) func(t *testing.T, s *site) {
	return func(t *testing.T, s *site) {
		require.Equal(t, written, s.saved(t, s.get(t)).Data.N)
		s.settle()
		require.Equal(t, 1, s.count(sealjar.EventUnwritten, sealjar.ErrHeadersSent))
		require.Equal(t, 1, s.count(sealjar.EventSealed, nil))
	}
}
