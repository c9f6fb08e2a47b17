package sqlstore_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/proof"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/keys/sqlstore"
)

// stepped is a fleet of nodes over one MariaDB, of which each stops in the middle of each step.
type stepped struct {
	*testing.T
	dsn   string
	wall  *proof.Wall
	nodes []*proof.Process
	fleet *proof.Fleet
	vault keys.Vault
	first []string     // what each said first after its start, if it was not in the middle of a step
	rings []*keys.Ring // one for each step
}

func (s *stepped) start(i int) *proof.Process {
	skew := []time.Duration{0, 20 * time.Second, -10 * time.Second}[i]
	return proof.Start(s.T, setup{s.dsn, s.wall.Clock(i, skew)})
}

// gather waits until all nodes are in the middle of one step: each has loaded the ring and made the one that is to follow.
func (s *stepped) gather() {
	var waiting sync.WaitGroup
	want := fmt.Sprint("step ", len(s.rings))
	for i, p := range s.nodes {
		waiting.Go(func() {
			line := s.first[i]
			s.first[i] = ""
			if line == "" {
				line = p.Next(s.T)
			}
			if line == p.URL { // not before, if it has to take a step to start
				s.fleet.Up(i, p)
				line = p.Next(s.T)
			}
			if line != want {
				s.Errorf("a node says %q: want %q", line, want)
			}
		})
	}
	waiting.Wait()
	require.False(s, s.Failed())
}

// look reads the ring that a step has left. It is the next version, with one new key or with keys less that have expired.
func (s *stepped) look() {
	ring, err := s.vault.Load(s.Context())
	require.NoError(s, err)
	require.EqualValues(s, len(s.rings)+1, ring.Version(), "the step was taken once")
	if n := len(s.rings); n > 0 {
		before := s.rings[n-1]
		added := slices.DeleteFunc(ring.Keys(), func(k *keys.Key) bool { return before.Key(k.ID()) != nil })
		require.LessOrEqual(s, len(added), 1, "one new key")
		for _, k := range before.Keys() {
			if ring.Key(k.ID()) == nil {
				require.True(s, k.Expired(s.wall.Now().Add(20*time.Second)), "a key is lost")
			}
		}
	}
	var starts []time.Time
	for _, k := range ring.Keys() {
		starts = append(starts, k.NotBefore())
	}
	slices.SortFunc(starts, time.Time.Compare)
	for i := 1; i < len(starts); i++ {
		require.GreaterOrEqual(s, starts[i].Sub(starts[i-1]), hasty.Period/2, "two keys for one period")
	}
	s.rings = append(s.rings, ring)
}

// TestRotatorsThatAreKilledInTheMiddleOfAStep : three servers rotate the keys in one database. In each step all three
// have made the ring that is to follow; one is killed with -9, before its Swap or after it, and the two others swap at
// the same time. Each step is taken once, and of 200 sessions under load none is lost.
func TestRotatorsThatAreKilledInTheMiddleOfAStep(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 s")
	}
	const steps = 14
	d := mariaDB(t)
	s := &stepped{T: t, dsn: d.url, wall: proof.NewWall(t), fleet: proof.NewFleet(3), first: make([]string, 3)}
	options := sqlstore.Options{Dialect: sqlstore.MySQL}
	require.NoError(t, sqlstore.CreateTable(t.Context(), d.connect(t), options))
	s.vault.Store = d.open(t, options)

	for i := range 3 { // at the same time, over an empty table
		s.nodes = append(s.nodes, s.start(i))
	}
	var load *proof.Crowd
	killed := map[bool]int{}
	for step := range steps {
		s.gather()
		goOnLater := s.wall.Hold() // nobody rotates until all are back
		victim, afterSwap := step%3, step%2 == 1
		if afterSwap {
			s.nodes[victim].Tell(hang)
			require.Equal(t, hung+" <nil>", s.nodes[victim].Next(t))
		}
		s.fleet.Kill(victim, s.nodes[victim])
		killed[afterSwap]++
		for i, p := range s.nodes {
			if i != victim {
				p.Tell(goOn)
			}
		}
		require.Eventually(t, func() bool {
			ring, err := s.vault.Load(t.Context())
			return err == nil && ring != nil && ring.Version() > int64(len(s.rings))
		}, time.Minute, time.Millisecond)
		s.look()
		s.nodes[victim] = s.start(victim)
		s.first[victim] = s.nodes[victim].Next(t)
		goOnLater()
		if step == 1 { // each has started
			load = proof.NewCrowd(t, s.wall, s.fleet.Node)
		}
	}
	load.Stop()
	made := map[string]bool{}
	for _, ring := range s.rings {
		for _, k := range ring.Keys() {
			made[k.ID()] = true
		}
	}
	require.Greater(t, len(made), 5)
	t.Logf("%d visits, %d nodes killed before the swap and %d after it, %d steps, %d keys, none lost",
		load.Visits.Load(), killed[false], killed[true], len(s.rings), len(made))
}
