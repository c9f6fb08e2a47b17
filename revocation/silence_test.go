package revocation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// Nodes are cut off, stalled, slowed down and healed at random, and lose answers on the way. A session is revoked on one of
// them, and every node is asked about it again and again, from MaxStaleness after the revocation was durable on. Nobody
// accepts it. Without the fence (the policy Allow) many do, so the test can fail.
func TestProofOfSilence(t *testing.T) {
	const runs = 600
	for _, policy := range []revocation.Policy{revocation.Refuse, revocation.Allow} {
		accepting := 0
		for seed := range uint64(runs) {
			synctest.Test(t, func(t *testing.T) {
				if acceptedAfterSilence(t, policy, seed) {
					accepting++
				}
			})
		}
		t.Logf("policy %v: accepted in %d of %d", policy, accepting, runs)
		if policy == revocation.Refuse {
			require.Zero(t, accepting)
			continue
		}
		require.Greater(t, accepting, runs/10)
	}
}

func acceptedAfterSilence(t *testing.T, policy revocation.Policy, seed uint64) bool {
	const nodes, maxStaleness = 4, 10 * time.Second
	random := rand.New(rand.NewPCG(seed, 0))
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }

	store := &revocation.Memory{}
	var all []*node
	for range nodes {
		all = append(all, newNode(t, store, revocation.ListOptions{OnStale: policy, MaxStaleness: maxStaleness}).start())
	}
	defer func() {
		for _, n := range all {
			n.stop()
		}
	}()
	time.Sleep(upTo(20 * time.Second))

	ctx, cancel := context.WithCancel(context.Background())
	troubled := make(chan struct{})
	go func() {
		defer close(troubled)
		for ctx.Err() == nil {
			n := all[random.IntN(nodes)]
			switch random.IntN(5) {
			case 0:
				n.down.Store(true)
			case 1:
				n.hung.Store(true)
			case 2:
				n.slow.Store(int64(20 * time.Second))
			case 3:
				n.deaf.Store(true)
			case 4:
				n.down.Store(false)
				n.hung.Store(false)
				n.slow.Store(0)
				n.deaf.Store(false)
			}
			wait(ctx, upTo(8*time.Second))
		}
	}()
	defer func() { cancel(); <-troubled }()
	time.Sleep(time.Duration(seed%17) * time.Second)

	// Whoever can make it durable does; the operator tries until somebody can.
	c := claims(fmt.Sprint("session of ", seed))
	for i := 0; all[i%nodes].RevokeSession(context.Background(), c.SessionID, "") != nil; i++ {
		time.Sleep(100 * time.Millisecond)
	}
	durable := time.Now()
	time.Sleep(maxStaleness)
	for time.Since(durable) < 4*maxStaleness {
		for _, n := range all {
			if n.Check(context.Background(), c) == nil {
				return true
			}
		}
		time.Sleep(97 * time.Millisecond)
	}
	return false
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// slowFirst answers the first question after a while, with what it knew when it was asked, and gives no hints.
type slowFirst struct {
	revocation.Memory
	takes      time.Duration
	thenSilent bool // no other question is answered
	asked      bool
}

func (s *slowFirst) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	if s.asked && s.thenSilent {
		<-ctx.Done()
		return "", ctx.Err()
	}
	next, err := s.Memory.Read(ctx, after, apply)
	if !s.asked {
		time.Sleep(s.takes)
	}
	s.asked = true
	return next, err
}

func (s *slowFirst) Wait(ctx context.Context, _ revocation.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// running is a list with a MaxStaleness of 10 seconds.
func running(t *testing.T, store revocation.Store) (list *revocation.List, stop func()) {
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, MaxStaleness: 10 * time.Second, Logger: quiet})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- list.Run(ctx) }()
	return list, func() { cancel(); <-done }
}

// A list that was long to load is as old as the question, so it asks again at once, and not when a quarter of MaxStaleness
// has passed since the answer: it would be stale meanwhile.
func TestLongLoadIsNotStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list, stop := running(t, &slowFirst{takes: 9 * time.Second})
		defer stop()
		time.Sleep(9*time.Second + time.Millisecond)
		for range 100 {
			require.NoError(t, list.Check(context.Background(), claims("a session")))
			time.Sleep(97 * time.Millisecond)
		}
	})
}

// What the store says is as old as the question. If it counted from the answer, a slow line would let a node go on for longer
// than it can tell who was revoked.
func TestStalenessCountsFromTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const maxStaleness, takes = 10 * time.Second, 6 * time.Second
		store := &slowFirst{takes: takes, thenSilent: true}
		list, stop := running(t, store)
		defer stop()
		ctx := context.Background()

		c := claims("a session")
		time.Sleep(time.Second) // the question was sent, and the answer is on its way
		now := time.Now()
		require.NoError(t, store.Add(ctx, revocation.Entry{Kind: revocation.Session, Name: c.SessionID, Cutoff: now, Until: now.Add(time.Hour)}))
		time.Sleep(takes)
		require.NoError(t, list.Check(ctx, c), "the list can't know yet")
		time.Sleep(maxStaleness - takes - time.Second - time.Millisecond)
		require.NoError(t, list.Check(ctx, c))
		time.Sleep(2 * time.Millisecond)
		require.ErrorIs(t, list.Check(ctx, c), revocation.ErrUnavailable)
	})
}

// The time of the question counts where the caller gives it.
func TestStalenessCountsUntilTheQuestionCameUp(t *testing.T) {
	store := &slowFirst{thenSilent: true}
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, MaxStaleness: time.Hour, Logger: quiet})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- list.Run(ctx) }()
	defer func() { cancel(); <-done }()
	require.Eventually(t, func() bool { return list.Status().Current }, 20*time.Second, time.Millisecond)

	ask := asking(t, list)
	now := time.Now()
	require.NoError(t, ask(time.Time{}))
	require.NoError(t, ask(now))
	require.NoError(t, ask(now.Add(59*time.Minute)))
	require.ErrorIs(t, ask(now.Add(time.Hour)), revocation.ErrUnavailable)
	require.NoError(t, ask(now.Add(time.Hour).Round(0)), "a time of day is not believed")
}

// Nobody can make a list believe that it is current by a time of day. The times of a bubble are such.
func TestNoTimeOfDayMakesAListCurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list, stop := running(t, &slowFirst{thenSilent: true})
		defer stop()
		synctest.Wait()
		ask := asking(t, list)
		began := time.Now()
		require.NoError(t, ask(began))
		time.Sleep(10*time.Second + time.Millisecond)
		require.ErrorIs(t, ask(time.Time{}), revocation.ErrUnavailable)
		require.ErrorIs(t, ask(began), revocation.ErrUnavailable)
	})
}

// asking returns what asks a list about a live session at a time.
func asking(t *testing.T, list *revocation.List) func(asked time.Time) error {
	return func(asked time.Time) error {
		c := claims("a session")
		c.Asked = asked
		err := list.Check(context.Background(), c)
		require.Equal(t, err, list.Confirm(context.Background(), c))
		return err
	}
}
