package main

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// A revocation in this process reaches the other one, which is a real one, by itself.
func TestSecondProcessLearns(t *testing.T) {
	v := visit(t, "alice")
	all := func(who string) map[string]string {
		return map[string]string{"net/http": who, "Echo": who, "node, refuse": who, "node, allow": who}
	}
	require.Equal(t, all("alice"), v.opinions(t))
	copied := *v
	copied.browser = &browser{cookies: map[string]string{cookieName: v.cookies[cookieName]}}
	sid := read[anatomy](t, v, "demo/cookie").Inside.SessionID
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=revoke&sid="+sid).StatusCode)
	s := v.watch(t, func(s snapshot) bool { return len(s.Revocations) > 0 && s.Revocations[0].Micros >= 0 })
	require.Equal(t, []any{revocation.Session, sid, "by an administrator"}, []any{s.Revocations[0].Kind, s.Revocations[0].Name, s.Revocations[0].Reason})
	require.NotEqual(t, os.Getpid(), s.Node.PID)
	require.Empty(t, copied.opinions(t)["node, refuse"])
}

// Cut off from the store, one policy can't tell, and the other goes on by what it knew: also with what was revoked meanwhile.
func TestSecondProcessCutOff(t *testing.T) {
	v := visit(t, "alice")
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/store", "away=yes").StatusCode)
	v.watch(t, func(s snapshot) bool { return s.Node.Away && s.Node.Stale })
	sid := read[anatomy](t, v, "demo/cookie").Inside.SessionID
	v.send(t, "demo/sessions", "action=revoke&sid="+sid)
	require.Equal(t, map[string]string{
		"net/http": "", "Echo": "", "node, refuse": "Service Unavailable", "node, allow": "alice",
	}, v.opinions(t))
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/store", "away=no").StatusCode)
	v.watch(t, func(s snapshot) bool { return !s.Node.Stale && s.Revocations[0].Micros >= 0 })
	require.Equal(t, "", v.opinions(t)["node, refuse"])
}

// The page tells that the second process is no more, the application goes on, and in the end the demo does not fail for it.
func TestSecondProcessThatIsKilled(t *testing.T) {
	v := visit(t, "alice")
	require.Equal(t, "alice", v.opinions(t)["node, allow"])
	process, err := os.FindProcess(v.watch(t, func(s snapshot) bool { return s.Node.PID != 0 }).Node.PID)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	v.watch(t, func(s snapshot) bool { return s.Node.Gone })
	v.watch(t, func(s snapshot) bool { // of which the first has all lines
		return slices.ContainsFunc(s.Lines, func(l line) bool { return l.Message == "the second process has ended" })
	})
	require.Equal(t, map[string]string{"net/http": "alice", "Echo": "alice", "node, refuse": "", "node, allow": ""}, v.opinions(t))
}

// The second process ends with the first, and says what keeps it from starting.
func TestSecondProcessThatCanNotStart(t *testing.T) {
	_, err := startNode(nodeSetup{Backstage: "http://localhost:1/", KeyFile: "/nowhere/keys.json"})
	require.ErrorContains(t, err, "the second process has not started")
	require.Error(t, runNode(strings.NewReader("not JSON"), io.Discard))
}
