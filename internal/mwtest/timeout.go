package mwtest

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// A handler that overruns its time shares the session with nobody: the race detector sees to it.
var timeouts = []behaviour{
	{
		name: "TimeoutHandler inside, in time: the cookie is on the response",
		serve: func(s *site) http.Handler {
			return http.TimeoutHandler(serving(timely)(s), time.Hour, "too late")
		},
		check: inTime,
	},
	{
		name:   "TimeoutHandler outside, in time: the cookie is on the response",
		serve:  serving(timely),
		around: func(_ *site, h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Hour, "too late") },
		check:  inTime,
	},
	{
		name: "TimeoutHandler inside, too late, with the session in use: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			return s.overrunning(time.Millisecond, s.session)
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, too late, and a gate has asked for the session before: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			gate := stdmw.Gate(s.jar, stdmw.GateOptions{
				Denied: s.overrunning(time.Millisecond, s.session),
			})
			return gate(http.NotFoundHandler())
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, too late, and a gate has asked for the session before, its handler only then: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			gate := stdmw.Gate(s.jar, stdmw.GateOptions{
				Denied: s.overrunning(time.Millisecond, func(r *http.Request) *sealjar.Session[data] {
					<-r.Context().Done()
					return s.session(r)
				}),
			})
			return gate(http.NotFoundHandler())
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, too late, and the session is asked for only then: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			return s.overrunning(time.Millisecond, func(r *http.Request) *sealjar.Session[data] {
				<-r.Context().Done()
				return s.session(r)
			})
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, and the session was asked for with a shorter time that is over: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			return s.overrunning(time.Millisecond, func(r *http.Request) *sealjar.Session[data] {
				ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
				defer cancel()
				return s.jar.From(ctx)
			})
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, and the session was last asked for with a longer time: no cookie, and it is reported",
		serve: func(s *site) http.Handler {
			return s.overrunning(time.Millisecond, func(r *http.Request) *sealjar.Session[data] {
				session := s.session(r)
				ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Hour)
				defer cancel()
				s.jar.From(ctx)
				return session
			})
		},
		check: tooLate,
	},
	{
		name: "TimeoutHandler inside, and the client hangs up: it is reported",
		serve: func(s *site) http.Handler {
			return s.overrunning(time.Hour, func(r *http.Request) *sealjar.Session[data] {
				defer close(s.reached)
				return s.session(r)
			})
		},
		check: func(t *testing.T, s *site) {
			hangUp(t, s)
			s.settle()
			close(s.release)
			s.extra.Wait()
			require.Equal(t, 1, s.count(sealjar.EventUnwritten, nil))
			require.Zero(t, s.count(sealjar.EventSealed, nil))
		},
	},
	{
		name: "TimeoutHandler outside, too late: no cookie",
		serve: func(s *site) http.Handler {
			s.extra.Add(1)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer s.extra.Done()
				s.change(r)
				<-r.Context().Done()
				<-s.release
				_, _ = io.WriteString(w, "nobody reads this")
			})
		},
		around: func(_ *site, h http.Handler) http.Handler {
			return http.TimeoutHandler(h, time.Millisecond, "too late")
		},
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			close(s.release)
			s.extra.Wait()
			require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
			require.Equal(t, "too late", r.body)
			require.Nil(t, r.session(t))
		},
	},
	{
		name: "a context of the handler's own has ended: the session is written all the same",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithCancel(r.Context())
			s.jar.From(ctx).Data.N++
			cancel()
			w.WriteHeader(http.StatusServiceUnavailable)
		}),
		check: func(t *testing.T, s *site) {
			first := s.get(t)
			require.Equal(t, 1, s.saved(t, first).Data.N)
			require.Equal(t, 2, s.saved(t, s.get(t, first.session(t))).Data.N)
		},
	},
}

func timely(s *site, w http.ResponseWriter, r *http.Request) {
	s.change(r)
	_, _ = io.WriteString(w, "in time")
}

func inTime(t *testing.T, s *site) {
	r := s.get(t)
	require.Equal(t, "in time", r.body)
	require.Equal(t, 1, s.saved(t, r).Data.N)
}

// overrunning is a handler that goes on when its time is over, and writes to its session.
func (s *site) overrunning(limit time.Duration, begin func(r *http.Request) *sealjar.Session[data]) http.Handler {
	s.extra.Add(1)
	return http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		defer s.extra.Done()
		session := begin(r)
		<-r.Context().Done()
		for ; ; session.Data.N++ {
			select {
			case <-s.release:
				return
			default:
			}
		}
	}), limit, "too late")
}

func (s *site) session(r *http.Request) *sealjar.Session[data] { return s.jar.From(r.Context()) }

func tooLate(t *testing.T, s *site) {
	r := s.get(t)
	s.settle()
	close(s.release)
	s.extra.Wait()
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	require.Equal(t, "too late", r.body)
	require.Nil(t, r.session(t))
	require.Equal(t, 1, s.count(sealjar.EventUnwritten, nil))
}

// hangUp makes a request and cancels it when the handler has been reached.
func hangUp(t *testing.T, s *site) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.reached
		cancel()
	}()
	response, err := s.client.Do(s.request(t, http.MethodGet, "/", nil).WithContext(ctx))
	if err == nil {
		response.Body.Close()
	}
	require.ErrorIs(t, err, context.Canceled)
}
