//go:build unix

package fleet_test

import (
	"testing"
	"time"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
)

// TestFleet mistreats three nodes on each store.
func TestFleet(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, test := range []struct {
			name string
			run  func(t *testing.T, b backend)
		}{
			{"who signs out is out on every node", testUsers},
			{"a node that crashes when the entry is durable", testCrash},
			{"a node that stands still", testStandstill},
			{"a store that loses its data", testLostData},
			{"2,000 revocations under faults", testFaults},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(t, b) })
		}
	})
}

// threeNodes are an application, each with a connection of its own that can be cut, if the store is a server.
type threeNodes struct {
	nodes   [3]*process
	proxies [3]*testserver.Proxy
}

// idle is a session's; a quarter of it is no more than a clock is wrong, so that a session of the first node, whose clock is
// slow, is due for renewal on the others. The clocks of two nodes differ by 30 seconds, the most that is allowed (token.Leeway).
const (
	idle = time.Minute
	slow = -15 * time.Second
	fast = 15 * time.Second
)

// startTrio starts a node whose clock is slow and one whose clock is fast, which refuse what they can't tell, and one
// that allows it.
func startTrio(t testing.TB, b backend) *threeNodes {
	t.Helper()
	trio := &threeNodes{}
	for i, config := range []fleet.Config{
		{Policy: revocation.Refuse, Clock: slow},
		{Policy: revocation.Refuse, Clock: fast},
		{Policy: revocation.Allow},
	} {
		config.Idle = idle
		config.Place, trio.proxies[i] = b.behind(t)
		trio.nodes[i] = startNode(t, config)
	}
	for _, n := range trio.nodes {
		n.ready()
	}
	return trio
}
