//go:build unix

package fleet_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/revocation"
)

// measureReach revokes on one node of three, and has the others look every millisecond.
func measureReach(t *testing.T, out *bytes.Buffer) {
	const revocations = 500
	fmt.Fprintf(out, "%d revocations one after the other on one node of three; the other two look every millisecond. Milliseconds.\n\n", revocations)
	fmt.Fprint(out, "| store | durable p50 | p99 | then refused elsewhere p50 | p99 | max | target p99 | from the call on p50 | p99 |\n")
	fmt.Fprint(out, "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			durable, after, total := reach(t, b.start(t), revocations)
			target := 5 * time.Millisecond
			if b.poll > 0 {
				target = b.poll + 20*time.Millisecond
			}
			fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", b.name,
				percentile(durable, 0.5), percentile(durable, 0.99),
				percentile(after, 0.5), percentile(after, 0.99), percentile(after, 1), millis(target),
				percentile(total, 0.5), percentile(total, 0.99))
		})
	}
}

func reach(t *testing.T, b backend, revocations int) (durable, after, total []time.Duration) {
	var nodes []*process
	for range 3 {
		nodes = append(nodes, startNode(t, fleet.Config{Place: b.place, MaxStaleness: 10 * time.Second}).ready())
	}
	sids := make([]string, revocations)
	for i := range sids {
		sids[i] = newSID()
	}
	for _, n := range nodes[1:] {
		require.NoError(t, n.ask("POST", "watch", strings.Join(sids, "\n"), nil))
	}
	told := make(map[string]fleet.Revoked)
	for _, sid := range sids {
		var answer fleet.Revoked
		require.NoError(t, nodes[0].ask("POST", "revoke?sid="+sid, "", &answer))
		told[sid] = answer
		durable = append(durable, answer.Durable.Sub(answer.Asked))
		time.Sleep(5*time.Millisecond + rand.N(15*time.Millisecond)) // in any phase of a poll
	}
	for _, n := range nodes[1:] {
		n.requireRefused(sids)
		time.Sleep(10 * time.Millisecond) // it looks once more
		var seen map[string]time.Time
		require.NoError(t, n.ask("GET", "watch", "", &seen))
		require.Len(t, seen, revocations)
		for sid, at := range seen {
			after = append(after, max(0, at.Sub(told[sid].Durable)))
			total = append(total, at.Sub(told[sid].Asked))
		}
	}
	return durable, after, total
}

// measurePartition cuts a node off for 30 seconds, with the usual MaxStaleness, on all stores at the same time.
func measurePartition(t *testing.T, out *bytes.Buffer) {
	const cut = 30 * time.Second
	fmt.Fprintf(out, "A node is cut off for %v, MaxStaleness is 10 s, and a session is revoked elsewhere at once. Seconds.\n\n", cut)
	fmt.Fprint(out, "| store | cut off until it stops accepting | healed until it refuses by the revocation |\n|---|---:|---:|\n")
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, b := range backends {
		if strings.HasPrefix(b.name, "SQLite") {
			continue
		}
		started := b.start(t)
		place, proxy := started.behind(t)
		away := startNode(t, fleet.Config{Place: place, MaxStaleness: 10 * time.Second, Policy: revocation.Refuse}).ready()
		other := startNode(t, fleet.Config{Place: started.place}).ready()
		all.Go(func() {
			sid := newSID()
			began := time.Now()
			proxy.Cut()
			if err := other.revoke(sid); err != nil {
				t.Error(err)
			}
			stopped := until(func() bool { return away.checkOnce([]string{sid}).Accepted == 0 })
			time.Sleep(cut - time.Since(began))
			proxy.Heal()
			knows := until(func() bool { return away.check([]string{sid}).Refused == 1 })
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(out, "| %s | %.2f | %.2f |\n", b.name, stopped.Seconds(), knows.Seconds())
		})
	}
	all.Wait()
}

func until(done func() bool) time.Duration {
	began := time.Now()
	for !done() {
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}
