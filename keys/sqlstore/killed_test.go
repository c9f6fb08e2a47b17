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
	heard []string     // what each has said too early
	rings []*keys.Ring // one for each step
}

func (s *stepped) start(i int) *proof.Process {
	skew := []time.Duration{0, 20 * time.Second, -10 * time.Second}[i]
	return proof.Start(s.T, setup{s.dsn, s.wall.Clock(i, skew)})
}

// listen waits for what node i says next. If that is its address, it takes requests from now on.
func (s *stepped) listen(i int) (line string) {
	p := s.nodes[i]
	if line = p.Next(s.T); line == p.URL && line != "" {
		s.fleet.Up(i, p)
	}
	return line
}

// hear waits until node i says line. It may tell its address before.
func (s *stepped) hear(i int, line string) {
	said := s.heard[i]
	s.heard[i] = ""
	for said == "" || said == s.nodes[i].URL {
		if said = s.listen(i); said == "" {
			return // it has failed
		}
	}
	if said != line {
		s.Errorf("a node says %q: want %q", said, line)
	}
}

// gather waits until all nodes are in the middle of one step: each has loaded the ring and made the one that is to follow.
func (s *stepped) gather() {
	var waiting sync.WaitGroup
	for i := range s.nodes {
		waiting.Go(func() { s.hear(i, fmt.Sprint("step ", len(s.rings))) })
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
	s := &stepped{T: t, dsn: d.url, wall: proof.NewWall(t), fleet: proof.NewFleet(3), heard: make([]string, 3)}
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
			s.hear(victim, hung+" <nil>")
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
		s.heard[victim] = s.listen(victim)
		goOnLater()
		if step == 1 { // all have started
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
