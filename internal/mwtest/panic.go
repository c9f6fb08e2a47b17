package mwtest

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var panics = []behaviour{
	{
		name: "a panic that nobody recovers: no response, and no session is sealed",
		serve: serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
			s.change(r)
			panic("oops")
		}),
		check: aborted,
	},
	{
		name: "http.ErrAbortHandler: no response, and no session is sealed",
		serve: serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
			s.change(r)
			panic(http.ErrAbortHandler)
		}),
		check: aborted,
	},
	{
		name: "a panic and a recoverer inside: its 500 carries the session",
		serve: func(s *site) http.Handler {
			return recovered(serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
				s.change(r)
				panic("oops")
			})(s))
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusInternalServerError, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a panic and a recoverer outside: its 500 does not carry the session",
		serve: serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
			s.change(r)
			panic("oops")
		}),
		around: func(_ *site, h http.Handler) http.Handler { return recovered(h) },
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Equal(t, http.StatusInternalServerError, r.StatusCode)
			require.Nil(t, r.session(t))
			require.Zero(t, s.count(sealjar.EventSealed, nil))
		},
	},
	{
		name: "a panic after the first byte: the response breaks off, with the session as it was then",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			_, _ = io.WriteString(w, "hello")
			_ = http.NewResponseController(w).Flush()
			panic("oops")
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Error(t, r.err)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
}

func aborted(t *testing.T, s *site) {
	response, err := s.client.Do(s.request(t, http.MethodGet, "/", nil))
	if err == nil {
		response.Body.Close()
	}
	require.Error(t, err)
	require.Zero(t, s.count(sealjar.EventSealed, nil))
}

func recovered(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		h.ServeHTTP(w, r)
	})
}
