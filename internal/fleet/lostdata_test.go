//go:build unix

package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/revocation"
)

// Somebody empties the store under running nodes. They go on refusing and write back what they know, so that a node that
// comes later knows all.
func testLostData(t *testing.T, b backend) {
	const entries = 500
	trio := startTrio(t, b)
	sids := make([]string, entries)
	for i := range sids {
		sids[i] = newSID()
		require.NoError(t, trio.nodes[i%3].ask("POST", "revoke?sid="+sids[i], "", nil))
	}
	v, _ := signedIn(t, trio.nodes[0], "left") // whose clock is behind: no cutoff is too early
	require.NoError(t, trio.nodes[1].ask("POST", "revoke?sub=left", "", nil))
	for _, n := range trio.nodes {
		n.requireRefused(sids)
	}
	requireOut(t, trio, *v)

	b.wipe(t)
	store := b.open(t)
	require.Eventually(t, func() bool {
		left := make(map[string]bool)
		for _, sid := range sids {
			left[sid] = true
		}
		_, err := store.Read(t.Context(), "", func(batch []revocation.Entry) error {
			for _, e := range batch {
				delete(left, e.Name)
			}
			return nil
		})
		return err == nil && len(left) == 0
	}, patience, 50*time.Millisecond, "the nodes write back")
	for _, n := range trio.nodes {
		require.Equal(t, len(sids), n.check(sids).Refused)
		// The others may have put everything back before it has asked again.
		require.Eventually(t, func() bool { return n.status().Resyncs > 0 }, patience, 10*time.Millisecond)
	}
	late := startNode(t, fleet.Config{Place: b.place}).ready()
	require.Equal(t, fleet.Verdicts{Refused: entries}, late.check(sids))
	status, _, _ := v.visit(t, late, "GET /account")
	require.Equal(t, 401, status)
}
