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

// idle is a session's; a quarter of it is less than the clocks differ, so that a session of the first node, whose clock is
// slow, is due for renewal on the others.
const (
	idle  = time.Minute
	clock = -20 * time.Second
)

// startTrio starts a node whose clock is 20 seconds slow, one that refuses and one that allows what it can't tell.
func startTrio(t testing.TB, b backend) *threeNodes {
	t.Helper()
	trio := &threeNodes{}
	for i, config := range []fleet.Config{
		{Policy: revocation.Refuse, Clock: clock},
		{Policy: revocation.Refuse},
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
