package mwtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runChallenges tests what a gate's 401 says of how to bring a session, if the jar takes tokens from a header.
func runChallenges(t *testing.T, framework Gated) {
	const (
		plain   = `Bearer realm="__Host-session"`
		invalid = plain + `, error="invalid_token"`
		stale   = plain + `, error="insufficient_user_authentication", max_age="90"`
	)
	recent := Gate{MaxAge: 90*time.Second + 500*time.Millisecond}
	tooOld := after(2 * time.Minute)
	for _, row := range []struct {
		name   string
		header string // that the jar reads
		cookie bool   // the visitor comes with a cookie all the same
		who    func(t *testing.T, v *visitor) *http.Request
		gate   Gate
		status int
		want   string
	}{
		{name: "no token: no error", who: stranger, status: 401, want: plain},
		{name: "a forged token: invalid", who: forger, status: 401, want: invalid},
		{name: "an expired token: invalid, as any", who: after(24 * time.Hour), status: 401, want: invalid},
		{name: "a revoked token: invalid, as any", who: revoked, status: 401, want: invalid},
		{name: "a token of nobody: it need not be thrown away", who: nobody, status: 401, want: plain},
		{name: "a token, signed in too long ago: how recent it must be", who: tooOld, gate: recent, status: 401, want: stale},
		{name: "a forged token, where it must be recent: invalid", who: forger, gate: recent, status: 401, want: invalid},
		{name: "a token, and nobody can tell", who: outage, status: 503},
		{name: "a token that is let through", who: member, status: 200},
		{name: "a forged token, redirected", who: forger, gate: Gate{Denied: "/signin"}, status: 303},
		{name: "a forged cookie is no token: no error", cookie: true, who: forger, status: 401, want: plain},
		{name: "a cookie, signed in too long ago: no error", cookie: true, who: tooOld, gate: recent, status: 401, want: plain},
		{name: "no token in a header of another name: there is no scheme", header: "X-Token", who: stranger, status: 401},
		{name: "a forged token in a header of another name", header: "X-Token", who: forger, status: 401},
		{name: "in a header of another name, signed in too long ago", header: "X-Token", who: tooOld, gate: recent, status: 401},
	} {
		t.Run("challenge: "+row.name, func(t *testing.T) {
			if row.header == "" {
				row.header = "Authorization"
			}
			v, w := newVisitor(t, row.header), httptest.NewRecorder()
			if !row.cookie {
				v.header = row.header
			}
			request := row.who(t, v)
			framework.Mount(v.jar, row.gate, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, request)
			require.Equal(t, row.status, w.Code)
			var want []string
			if row.want != "" {
				want = []string{row.want}
			}
			require.Equal(t, want, w.Result().Header["Www-Authenticate"])
		})
	}
}
