//go:build unix

package fleet_test

import (
	"net/http"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
)

// A node dies between the acknowledgement of the store and everything else. It has told nobody, and every node knows.
func testCrash(t *testing.T, b backend) {
	other := startNode(t, fleet.Config{Place: b.place}).ready()
	dying := startNode(t, fleet.Config{Place: b.place})
	var all []string
	for range 3 {
		dying.ready()
		sid := newSID()
		require.Error(t, dying.ask("POST", "revoke?kill=1&sid="+sid, "", nil))
		dying.kill() // it is dead already
		all = append(all, sid)
		other.requireRefused(all)
		dying.start()
	}
	dying.ready()
	require.Equal(t, fleet.Verdicts{Refused: len(all)}, dying.check(all), "what it knows when it can tell, it knows whole")
}

// A process is stopped for longer than MaxStaleness, as by a virtual machine that is moved. When it goes on it does not
// know how long that was, and must not accept by what it knew before, not for a moment.
func testStandstill(t *testing.T, b backend) {
	awake := startNode(t, fleet.Config{Place: b.place}).ready()
	stopped := startNode(t, fleet.Config{Place: b.place}).ready()
	v, _ := signedIn(t, awake, "ada")
	copied := *v
	status, _, _ := copied.visit(t, stopped, "GET /account")
	require.Equal(t, http.StatusOK, status)

	require.NoError(t, stopped.cmd.Process.Signal(syscall.SIGSTOP))
	status, _, _ = v.visit(t, awake, "POST /signout")
	require.Equal(t, http.StatusNoContent, status)
	require.NoError(t, awake.ask("POST", "proof", "", nil))
	require.NoError(t, stopped.cmd.Process.Signal(syscall.SIGCONT))
	for i := 0; ; i++ {
		status, _, set := copied.once(t, stopped, "GET /account")
		require.False(t, set)
		if status == http.StatusUnauthorized {
			break
		}
		require.Equal(t, http.StatusServiceUnavailable, status, "request %d", i)
	}
}
