package mwtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

// Gate is how a row wants a gate to be. The answers are redirections to where they say, and the gate's own if they are empty.
type Gate struct {
	Denied, Unavailable, Stale string

	MaxAge  time.Duration
	Passive bool
}

// Gated is the gate of a framework.
type Gated struct {
	// Mount puts the gate around h, and the jar's middleware around the gate.
	Mount func(jar sealjar.AnyJar, gate Gate, h http.Handler) http.Handler
	// Body is what the framework says with a status, and nothing else.
	Body func(status int) string
}

// visitor is a jar with a list that may be out of reach and with a clock, and the request of somebody.
type visitor struct {
	jar    *sealjar.Jar[data]
	header string // where the request has its token; empty: it has a cookie
	list   reachable
	now    time.Time
}

type reachable struct {
	revocation.Memory
	down bool
}

func (l *reachable) Check(ctx context.Context, c revocation.Claims) error {
	if l.down {
		return errors.New("the list at 10.0.0.7 does not answer")
	}
	return l.Memory.Check(ctx, c)
}

func newVisitor(t *testing.T, header string) *visitor {
	v := &visitor{now: time.Now()}
	jar, err := sealjar.New[data](sealjar.Options{
		Keys: sealjartest.Ring(t), Revocation: &v.list, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return v.now },
		Header: header,
	})
	require.NoError(t, err)
	v.jar = jar
	return v
}

// request is one of a session of subject, or of nobody if that is empty.
func (v *visitor) request(t *testing.T, subject string) *http.Request {
	r := stranger(t, v)
	begin := func(s *sealjar.Session[data]) {
		s.Data.N = 1
		if subject != "" {
			require.NoError(t, s.SignIn(t.Context(), subject))
		}
	}
	if v.header == "" {
		return sealjartest.WithSession(t, v.jar, r, begin)
	}
	s, err := v.jar.Load(r)
	require.ErrorIs(t, err, sealjar.ErrNone)
	begin(s)
	token, err := v.jar.Seal(s)
	require.NoError(t, err)
	v.bring(r, token)
	return r
}

// bring puts a token into the header.
func (v *visitor) bring(r *http.Request, token string) {
	if v.header == "Authorization" {
		token = "Bearer " + token
	}
	r.Header.Set(v.header, token)
}

// Who comes to a gate.
func member(t *testing.T, v *visitor) *http.Request { return v.request(t, "alice") }
func nobody(t *testing.T, v *visitor) *http.Request { return v.request(t, "") }

func stranger(t *testing.T, _ *visitor) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
}

func forger(t *testing.T, v *visitor) *http.Request {
	r := stranger(t, v)
	if v.header != "" {
		v.bring(r, "forged")
		return r
	}
	r.Header.Set("Cookie", cookieName+"=forged")
	return r
}

// after is a member who comes back later.
func after(d time.Duration) func(t *testing.T, v *visitor) *http.Request {
	return func(t *testing.T, v *visitor) *http.Request {
		r := member(t, v)
		v.now = v.now.Add(d)
		return r
	}
}

func revoked(t *testing.T, v *visitor) *http.Request {
	r := after(time.Second)(t, v)
	require.NoError(t, v.jar.EndAll(t.Context(), "alice"))
	return r
}

func outage(t *testing.T, v *visitor) *http.Request {
	r := member(t, v)
	v.list.down = true
	return r
}

// RunGate tests whom a gate lets through, and what it answers the others.
func RunGate(t *testing.T, framework Gated) {
	redirect := Gate{Denied: "/signin"}
	recent := Gate{MaxAge: time.Minute}
	again := Gate{MaxAge: time.Minute, Denied: "/signin", Stale: "/password"}
	tooOld := after(time.Minute + time.Millisecond)
	for _, row := range []struct {
		name   string
		who    func(t *testing.T, v *visitor) *http.Request
		gate   Gate
		status int
		to     string
	}{
		{name: "who is signed in is let through", who: member, status: 200},
		{name: "a session of nobody: 401", who: nobody, status: 401},
		{name: "no session: 401", who: stranger, status: 401},
		{name: "a forged session: 401", who: forger, status: 401},
		{name: "an expired session: 401", who: after(24 * time.Hour), status: 401},
		{name: "a revoked session: 401", who: revoked, status: 401},
		{name: "nobody can tell: 503", who: outage, status: 503},
		{name: "signed in just now", who: member, gate: recent, status: 200},
		{name: "signed in too long ago: 401", who: tooOld, gate: recent, status: 401},
		{name: "nobody, where it must be recent: 401", who: nobody, gate: recent, status: 401},
		{name: "nobody can tell how recent it is: 503", who: outage, gate: recent, status: 503},
		{name: "a session of nobody, redirected", who: nobody, gate: redirect, status: 303, to: "/signin"},
		{name: "no session, redirected", who: stranger, gate: redirect, status: 303, to: "/signin"},
		{name: "nobody can tell: 503, and no redirect to sign in", who: outage, gate: redirect, status: 503},
		{
			name: "nobody can tell, answered in one's own way", who: outage,
			gate: Gate{Denied: "/signin", Unavailable: "/later"}, status: 303, to: "/later",
		},
		{name: "signed in too long ago, redirected", who: tooOld, gate: again, status: 303, to: "/password"},
		{
			name: "signed in too long ago: as denied, unless told otherwise", who: tooOld,
			gate: Gate{MaxAge: time.Minute, Denied: "/signin"}, status: 303, to: "/signin",
		},
		{name: "nobody, where it must be recent, redirected to sign in", who: nobody, gate: again, status: 303, to: "/signin"},
		{name: "nobody can tell how recent it is: 503, and no redirect", who: outage, gate: again, status: 503},
	} {
		t.Run(row.name, func(t *testing.T) {
			v, passed, w := newVisitor(t, ""), false, httptest.NewRecorder()
			request := row.who(t, v)
			inside := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })
			framework.Mount(v.jar, row.gate, inside).ServeHTTP(w, request)
			response := w.Result()
			require.Equal(t, row.status, response.StatusCode)
			require.Equal(t, row.status == http.StatusOK, passed)
			require.Equal(t, row.to, response.Header.Get("Location"))
			require.Empty(t, response.Header["Set-Cookie"], "a gate leaves the cookie alone")
			if row.to == "" && !passed {
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, framework.Body(row.status), string(body), "the client does not learn why")
				require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
				require.Empty(t, response.Header["Www-Authenticate"])
			}
		})
	}
	runChallenges(t, framework)
	for passive, cookies := range map[bool]int{false: 1, true: 0} {
		name := map[bool]string{false: "to pass a gate counts as activity", true: "to pass a passive gate does not"}[passive]
		t.Run(name, func(t *testing.T) {
			v, w := newVisitor(t, ""), httptest.NewRecorder()
			request := after(20*time.Minute)(t, v)
			framework.Mount(v.jar, Gate{Passive: passive}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, request)
			require.Equal(t, http.StatusOK, w.Code)
			require.Len(t, w.Result().Header["Set-Cookie"], cookies)
		})
	}
}
