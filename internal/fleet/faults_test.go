//go:build unix

package fleet_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
)

// 12,000 revocations in all, on six stores and under five faults.
const underEachFault = 12_000 / 6 / 5

// testFaults revokes from all nodes while they and the store fail. What was acknowledged is refused on every node in the end,
// also on one that comes later, and nothing else is.
func testFaults(t *testing.T, b backend) {
	trio := startTrio(t, b)
	var acknowledged []string
	for _, fault := range []func(t *testing.T, b backend, trio *threeNodes){nothing, killNode, killStore, partition, resetConnections} {
		storm := startStorm(t, trio)
		storm.halfway()
		fault(t, b, trio)
		acknowledged = append(acknowledged, storm.end()...)
	}
	require.Len(t, acknowledged, 5*underEachFault)
	innocent := make([]string, 1000)
	for i := range innocent {
		innocent[i] = newSID()
	}
	late := startNode(t, fleet.Config{Place: b.place}).ready()
	require.Equal(t, fleet.Verdicts{Refused: len(acknowledged)}, late.check(acknowledged))
	for _, n := range append(trio.nodes[:], late) {
		n.requireRefused(acknowledged)
		n.requireAccepted(innocent)
	}
}

// storm revokes sessions on all nodes at the same time.
type storm struct {
	workers sync.WaitGroup
	done    atomic.Int64
	half    chan struct{}
	mu      sync.Mutex
	sids    []string
}

func startStorm(t *testing.T, trio *threeNodes) *storm {
	s := &storm{half: make(chan struct{})}
	t.Cleanup(s.workers.Wait)
	const workers = 8
	for w := range workers {
		s.workers.Go(func() {
			for i := w; i < underEachFault; i += workers {
				s.revoke(t.Context(), trio, i)
			}
		})
	}
	return s
}

// revoke goes from node to node until one says that it is durable.
func (s *storm) revoke(ctx context.Context, trio *threeNodes, i int) {
	sid := newSID()
	for trio.nodes[i%3].revoke(sid) != nil {
		if ctx.Err() != nil {
			return // the test has failed
		}
		time.Sleep(5 * time.Millisecond) // what is down is not asked without end
		i++
	}
	s.mu.Lock()
	s.sids = append(s.sids, sid)
	s.mu.Unlock()
	if s.done.Add(1) == underEachFault/2 {
		close(s.half)
	}
}

func (s *storm) halfway() { <-s.half }

func (s *storm) end() []string {
	s.workers.Wait()
	return slices.Clone(s.sids)
}

func nothing(*testing.T, backend, *threeNodes) {}

func killNode(_ *testing.T, _ backend, trio *threeNodes) {
	for _, n := range trio.nodes[:2] {
		n.kill()
		n.start()
	}
}

func killStore(_ *testing.T, b backend, _ *threeNodes) {
	if b.server == nil {
		return // its nodes are the store, and die above
	}
	b.server.Kill()
	b.server.Start()
}

func resetConnections(_ *testing.T, b backend, trio *threeNodes) {
	if b.server == nil {
		return
	}
	for _, proxy := range trio.proxies {
		proxy.Reset()
	}
}

// partition cuts two nodes off. The first goes on, and when it says that a revocation is proven, it is: the one that refuses
// what it can't tell has stopped accepting, and leaves everybody's cookie alone; the one that allows it prolongs no session.
func partition(t *testing.T, b backend, trio *threeNodes) {
	if b.server == nil {
		return // a file can't be cut off
	}
	first, refusing, allowing := trio.nodes[0].ready(), trio.nodes[1].ready(), trio.nodes[2].ready()
	ended, _ := signedIn(t, first, "ada")
	alive, _ := signedIn(t, first, "grace")
	renewed, _ := signedIn(t, first, "mary")
	require.Eventually(t, func() bool {
		_, _, set := renewed.visit(t, allowing, "GET /account")
		return set
	}, patience, 10*time.Millisecond, "it was due")
	copied := *ended

	trio.proxies[1].Cut()
	trio.proxies[2].Cut()
	status, _, _ := ended.visit(t, first, "POST /signout")
	require.Equal(t, http.StatusNoContent, status)
	require.NoError(t, first.ask("POST", "proof", "", nil))
	for _, v := range []*visitor{&copied, alive} {
		for request, want := range map[string]int{
			"GET /account": http.StatusServiceUnavailable, "POST /view": http.StatusOK, "POST /signin?name=x": http.StatusServiceUnavailable,
		} {
			status, body, set := v.once(t, refusing, request)
			require.Equal(t, want, status, "%s: %s", request, body)
			require.False(t, set, request)
			if request == "POST /view" {
				require.Contains(t, body, `1 "" `, "anonymous")
			}
		}
		status, _, set := v.visit(t, allowing, "GET /account")
		require.Equal(t, http.StatusOK, status)
		require.False(t, set, "it was due, and is not prolonged")
	}

	trio.proxies[1].Heal()
	trio.proxies[2].Heal()
	requireOut(t, trio, copied)
	for _, n := range trio.nodes[1:] {
		n.ready()
		status, who, _ := alive.visit(t, n, "GET /account")
		require.Equal(t, http.StatusOK, status, "an outage signs nobody out")
		require.Equal(t, "grace", who)
	}
}
