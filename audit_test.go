package sealjar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// operator is where an application puts who does something.
type operator struct{}

// auditTrail writes down, as an application would, each revocation and each refusal by the list: who, what, why.
type auditTrail struct{ lines []string }

func (a *auditTrail) revocations(e revocation.Event) {
	if e.Kind != revocation.EventRevoked {
		return
	}
	who, _ := e.Context.Value(operator{}).(string)
	a.lines = append(a.lines, fmt.Sprintf("%s revoked %s %s: %s, %v", who, e.Entry.Kind, e.Entry.Name, e.Entry.Reason, e.Err))
}

func (a *auditTrail) sessions(e sealjar.Event) {
	var by *revocation.Refusal
	switch {
	case errors.As(e.Err, &by):
		a.lines = append(a.lines, fmt.Sprintf("%s of %s %s by %s %s", e.SessionID, e.Subject, e.Kind, by.Kind, by.Name))
	case errors.Is(e.Err, sealjar.ErrUnavailable):
		a.lines = append(a.lines, fmt.Sprintf("%s of %s %s: can't tell", e.SessionID, e.Subject, e.Kind))
	}
}

// An auditor learns of each revocation and of each refusal by the list who it was, what it was and, by the entry's name, why.
func TestAuditTrail(t *testing.T) {
	clock, trail := newWebClock(), new(auditTrail)
	store := &revocation.Memory{Now: clock.Now}
	list, err := revocation.NewDirect(store, revocation.DirectOptions{OnError: revocation.Refuse, Now: clock.Now, Observe: trail.revocations})
	require.NoError(t, err)
	jar := webJar(t, sealjar.Options{Revocation: list, Now: clock.Now, Observe: trail.sessions})

	signIn := func(subject, group string) (cookie, id string) {
		response := webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
			require.NoError(t, s.SignIn(t.Context(), subject))
			require.NoError(t, s.SetGroups("staff", group))
			id = s.ID()
		})
		cookie, _, _ = strings.Cut(response.Header.Get("Set-Cookie"), ";")
		return cookie, id
	}
	took := func(want ...string) {
		t.Helper()
		require.Equal(t, want, trail.lines)
		trail.lines = nil
	}
	by := func(name string) context.Context { return context.WithValue(t.Context(), operator{}, name) }

	cookie, id := signIn("ada", "tenant 1")
	webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(by("ada"))) }, cookie)
	webServe(jar, webRead, cookie)
	took("ada revoked session "+id+": ended, <nil>",
		id+" of ada refused by session "+id)

	cookie, id = signIn("ada", "tenant 1")
	require.NoError(t, jar.EndAll(by("help desk"), "ada"))
	webServe(jar, webRead, cookie)
	took("help desk revoked subject ada: all sessions ended, <nil>", id+" of ada refused by subject ada")

	clock.Move(time.Minute)
	cookie, id = signIn("grace", "tenant 2")
	require.NoError(t, list.RevokeGroup(by("billing"), "tenant 2", clock.Now(), "contract ended"))
	webServe(jar, webRead, cookie)
	took("billing revoked group tenant 2: contract ended, <nil>", id+" of grace refused by group tenant 2")

	clock.Move(time.Minute)
	cookie, id = signIn("grace", "tenant 1")
	webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.NoError(t, list.RevokeAll(by("security"), clock.Now(), "leak"))
		s.Data.Views++
	}, cookie)
	took("security revoked all : leak, <nil>", id+" of grace unwritten by all ")
}
