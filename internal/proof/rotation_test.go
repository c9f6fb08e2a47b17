package proof_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/proof"
	"github.com/sealjar/sealjar/keys"
)

// TestRotationUnderLoad takes the key files of three servers through add, seal, retire and remove, while 200 sessions go
// around among them. Each server has the file at its own time, and a clock of its own: one is 20 s ahead, one 10 s behind:
// more than 30 s between two of them is more than tokens allow for.
func TestRotationUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 12 s")
	}
	folder := t.TempDir()
	wall := proof.NewWall(t)
	goOn := wall.Hold() // nobody changes the keys until all nodes are up
	ring, err := keys.Rotate(nil, policy, wall.Now())
	require.NoError(t, err)
	first := ring.Sealing(wall.Now()).ID()
	var nodes []*proof.Process
	var paths []string
	for i, skew := range []time.Duration{0, 20 * time.Second, -10 * time.Second} {
		path := filepath.Join(folder, fmt.Sprintf("keys-%d.json", i))
		require.NoError(t, keys.WriteFile(path, ring))
		paths = append(paths, path)
		nodes = append(nodes, start(t, setup{Path: path, Clock: wall.Clock(i, skew)}))
	}
	var copies sync.WaitGroup
	publish := func(next *keys.Ring) {
		ring = next
		for _, path := range paths {
			delay := rand.N(policy.Propagation / 3) // the rest is for the node to look
			copies.Go(func() {
				wall.Sleep(t, delay)
				defer wall.Hold()()
				if have, err := keys.ReadFile(path, keys.Options{OpenOnly: true}); err == nil && have.Version() < next.Version() {
					require.NoError(t, keys.WriteFile(path, next))
				}
			})
		}
	}
	load := proof.NewCrowd(t, wall, func(i int) (string, func()) { return nodes[i%len(nodes)].URL, func() {} })

	// Keys come, take over and go by themselves, until the first one has gone and every node knows the spare.
	sealed := map[string]bool{}
	spareIsKnown := func() bool {
		spare := ring.Spare(wall.Now())
		return spare != nil && wall.Now().After(spare.Created().Add(policy.Propagation))
	}
	operator := wall.Pace(policy.Propagation / 3)
	goOn()
	for (ring.Key(first) != nil || !spareIsKnown()) && !t.Failed() {
		operator.Since(wall.Elapsed())
		next, err := keys.Rotate(ring, policy, wall.Now())
		require.NoError(t, err)
		if next != ring {
			publish(next)
		}
		sealed[ring.Sealing(wall.Now()).ID()] = true
		wall.Sleep(t, 3*time.Second)
	}
	goOn = wall.Hold()
	operator.End()
	require.GreaterOrEqual(t, len(sealed), 4)

	// The key that seals is retired early: the spare takes over.
	retired := ring.Sealing(wall.Now()).ID()
	parked := parkedUnder(t, nodes[0].URL, retired)
	next, err := ring.Retire(retired, policy, wall.Now())
	require.NoError(t, err)
	publish(next)
	rest := wall.Pace(2*time.Minute + time.Second) // the parked session lives for five
	goOn()
	wall.Sleep(t, 2*time.Minute)
	defer wall.Hold()() // so that the same key seals from now on
	rest.End()
	load.Stop()
	copies.Wait()
	for _, c := range load.Clients { // once around, so that each has been seen by now
		require.NoError(t, c.Visit(nodes[0].URL))
	}
	current := ring.Sealing(wall.Now()).ID()
	require.NotEqual(t, retired, current)
	require.Equal(t, []string{current}, load.KeyIDs(), "each session ends under the new key")
	t.Logf("%d visits under %d keys, none lost", load.Visits.Load(), len(sealed)+1)

	// That key has leaked: it is removed, its tokens die everywhere, and the others live on.
	next, err = keys.Rotate(ring, policy, wall.Now())
	require.NoError(t, err)
	next, err = next.Without(current, wall.Now())
	require.NoError(t, err)
	for _, path := range paths {
		require.NoError(t, keys.WriteFile(path, next))
	}
	for _, node := range nodes {
		require.Eventually(t, func() bool {
			a, _, err := proof.Ask(node.URL, load.Clients[0].Cookie)
			return err == nil && a.Err != ""
		}, time.Minute, 10*time.Millisecond, "it looks")
		for _, c := range load.Clients {
			a, _, err := proof.Ask(node.URL, c.Cookie)
			require.NoError(t, err)
			require.Contains(t, a.Err, "unknown key")
		}
		a, _, err := proof.Ask(node.URL, parked.Cookie)
		require.NoError(t, err)
		require.Empty(t, a.Err)
		require.Equal(t, parked.N+1, a.N)
	}
	proof.HangUp()
}

// parkedUnder is a session that sleeps from now on.
func parkedUnder(t *testing.T, url, kid string) *proof.Client {
	c := &proof.Client{}
	require.NoError(t, c.Visit(url))
	require.Equal(t, kid, c.KeyID())
	return c
}

// TestRotatorsThatAreKilled lets three servers rotate the keys in one file, and kills one of them every now and then, wherever it
// is. Each step is taken once, and no session is lost.
func TestRotatorsThatAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 7 s")
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	wall := proof.NewWall(t)
	nodes := make([]*proof.Process, 3)
	skews := []time.Duration{0, 20 * time.Second, -10 * time.Second}
	var starting sync.WaitGroup
	for i := range nodes { // at the same time, over no file at all
		starting.Go(func() {
			nodes[i] = start(t, setup{Path: path, Rotates: true, Clock: wall.Clock(i, skews[i])})
		})
	}
	starting.Wait()
	fleet := proof.NewFleet(len(nodes))
	for i, node := range nodes {
		fleet.Up(i, node)
	}
	load := proof.NewCrowd(t, wall, fleet.Node)

	seen := map[int64]*keys.Ring{}
	look := func() {
		ring, err := keys.ReadFile(path, keys.Options{OpenOnly: true})
		require.NoError(t, err, "the file is whole at any time")
		seen[ring.Version()] = ring
	}
	killed := 0
	for i := 0; wall.Elapsed() < 7*time.Minute && !t.Failed(); i++ {
		look()
		if i%8 == 7 {
			victim := killed % 3
			fleet.Kill(victim, nodes[victim])
			wall.Leave(victim)
			nodes[victim] = start(t, setup{Path: path, Rotates: true, Clock: wall.Clock(victim, skews[victim])})
			fleet.Up(victim, nodes[victim])
			killed++
		}
		time.Sleep(20 * time.Millisecond)
	}
	load.Stop()
	defer wall.Hold()()
	look()
	versions := slices.Sorted(maps.Keys(seen))
	made := map[string]bool{}
	for i, version := range versions {
		ring := seen[version]
		var starts []time.Time
		for _, k := range ring.Keys() {
			made[k.ID()] = true
			starts = append(starts, k.NotBefore())
		}
		slices.SortFunc(starts, time.Time.Compare)
		for i := 1; i < len(starts); i++ {
			require.GreaterOrEqual(t, starts[i].Sub(starts[i-1]), hasty.Period/2, "two keys for one period: a step was taken twice")
		}
		if i > 0 && version == versions[i-1]+1 {
			added := 0
			for _, k := range ring.Keys() {
				if seen[version-1].Key(k.ID()) == nil {
					added++
				}
			}
			require.LessOrEqual(t, added, 1)
		}
	}
	periods := int(wall.Elapsed()/hasty.Period) + 3 // the first, the spare, and the one after it
	require.InDelta(t, periods, len(made), 2, "one new key a period")
	t.Logf("%d visits, %d nodes killed, %d versions, %d keys", load.Visits.Load(), killed, len(versions), len(made))
}
