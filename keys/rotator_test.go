package keys_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// shaky is a store that counts what is asked of it, and fails when it is told to.
type shaky struct {
	keys.Memory
	mu           sync.Mutex
	loads, swaps int
	fails        error
	lost         bool // the next Swap is done and answered with an error
	stuck        bool // nothing returns before its context ends
}

func (s *shaky) Load(ctx context.Context) (keys.Document, error) {
	s.mu.Lock()
	s.loads++
	fails, stuck := s.fails, s.stuck
	s.mu.Unlock()
	if stuck {
		<-ctx.Done()
		return keys.Document{}, ctx.Err()
	}
	if fails != nil {
		return keys.Document{}, fails
	}
	return s.Memory.Load(ctx)
}

func (s *shaky) Swap(ctx context.Context, old int64, next keys.Document) error {
	s.mu.Lock()
	s.swaps++
	fails, lost := s.fails, s.lost
	s.lost = false
	s.mu.Unlock()
	if fails != nil {
		return fails
	}
	err := s.Memory.Swap(ctx, old, next)
	if lost {
		return errors.New("connection reset")
	}
	return err
}

func (s *shaky) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func rotator(t *testing.T, s keys.Store, w *witness) *keys.Rotator {
	t.Helper()
	options := keys.RotatorOptions{Store: s, Policy: plan, Interval: 20 * time.Minute, Watch: keys.Watch{Logger: silent}}
	if w != nil {
		options.Observe = w.observe
	}
	r, err := keys.NewRotator(t.Context(), options)
	require.NoError(t, err)
	return r
}

// start runs rotators for as long as the rest of the bubble takes.
func start(t *testing.T, rotators ...*keys.Rotator) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, r := range rotators {
		all.Go(func() { require.ErrorIs(t, r.Run(ctx), context.Canceled) })
	}
	synctest.Wait()
	return func() {
		cancel()
		all.Wait()
	}
}

// TestNodesRotateTogether : three nodes over one store, for a year. Each step is taken by one of them, and all follow.
func TestNodesRotateTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &shaky{}
		var w witness
		nodes := []*keys.Rotator{rotator(t, store, &w), rotator(t, store, &w), rotator(t, store, &w)}
		defer start(t, nodes...)()
		for range 36 {
			time.Sleep(10*day + time.Hour)
			for _, n := range nodes {
				require.Equal(t, kids(nodes[0].Ring()), kids(n.Ring()))
				require.NoError(t, n.Status().Err)
				require.NotEmpty(t, n.Status().Sealing)
			}
		}
		steps := 0
		for _, e := range w.events {
			require.NotEqual(t, keys.EventWarning, e.Kind, e.Warning.Text)
			require.NotEqual(t, keys.EventRefused, e.Kind, e.Err)
			if e.Kind == keys.EventRotated {
				steps++
			}
		}
		require.EqualValues(t, nodes[0].Ring().Version(), steps, "each version was written once")
		require.GreaterOrEqual(t, steps, 70, "36 keys came, and as many went, but for the last")
	})
}

func TestAnOutageOfTheStoreIsNoOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &shaky{}
		var w witness
		r := rotator(t, store, &w)
		defer start(t, r)()
		w.take()
		store.set(func() { store.fails = errors.New("no connection") })
		time.Sleep(40 * day)
		require.Equal(t, []keys.EventKind{keys.EventRefused}, w.take(), "told once")
		require.ErrorContains(t, r.Status().Err, "no connection")
		require.Greater(t, r.Status().Age(time.Now()), 39*day)
		require.NotNil(t, r.Ring().Sealing(time.Now()), "the last key goes on")
		store.set(func() { store.fails = nil })
		time.Sleep(time.Hour)
		require.NoError(t, r.Status().Err)
		require.NotNil(t, r.Ring().Spare(time.Now()))
	})
}

func TestAStoreThatHangsIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &shaky{}
		r := rotator(t, store, nil)
		store.set(func() { store.stuck = true })
		began := time.Now()
		require.ErrorIs(t, r.Reload(t.Context()), context.DeadlineExceeded)
		require.Equal(t, 10*time.Second, time.Since(began))
	})
}

// TestAStepWhoseAnswerIsLost : the step was stored, and the node that took it does not know. It finds out.
func TestAStepWhoseAnswerIsLost(t *testing.T) {
	store := &shaky{lost: true}
	_, err := keys.NewRotator(t.Context(), keys.RotatorOptions{Store: store, Policy: plan, Watch: keys.Watch{Logger: silent}})
	require.ErrorContains(t, err, "connection reset")
	r := rotator(t, store, nil)
	require.EqualValues(t, 1, r.Ring().Version())
}

func TestAStoreThatWasRolledBack(t *testing.T) {
	store := &shaky{}
	var w witness
	r := rotator(t, store, &w)
	backup, err := store.Load(t.Context())
	require.NoError(t, err)
	leaked := r.Status().Sealing
	require.NoError(t, r.Update(t.Context(), func(ring *keys.Ring) (*keys.Ring, error) { return ring.Without(leaked, time.Now()) }))
	require.Nil(t, r.Ring().Key(leaked))
	require.NoError(t, r.Reload(t.Context()))
	w.take()

	have := r.Ring().Version()
	require.NoError(t, store.Memory.Swap(t.Context(), have, backup))
	require.ErrorIs(t, r.Reload(t.Context()), keys.ErrRollback)
	require.Nil(t, r.Ring().Key(leaked))
	after, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, backup.Version, after.Version, "nothing is built on it")

	require.NoError(t, r.AcceptRollback(t.Context()))
	require.NotNil(t, r.Ring().Key(leaked))

	emptied := &shaky{}
	r = rotator(t, emptied, nil)
	emptied.Memory = keys.Memory{} //nolint:govet // emptied, not copied
	require.ErrorIs(t, r.Reload(t.Context()), keys.ErrRollback, "an empty store is no reason to make new keys")
}

func TestARingThatWasLeftAloneIsRotatedFirst(t *testing.T) {
	now := time.Now()
	old := ringAt(t, 9, now.Add(-30*day), generated(t, now.Add(-40*day), now.Add(-day)))
	store := &shaky{}
	require.NoError(t, keys.Vault{Store: store}.Swap(t.Context(), nil, old))
	r := rotator(t, store, nil)
	require.EqualValues(t, 10, r.Ring().Version())
	require.NotEmpty(t, r.Status().Sealing)
}

// TestHints : however many tokens name an unknown key, the store is asked once in a few seconds.
func TestHints(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &shaky{}
		slow := plan
		slow.Propagation = 2 * time.Hour
		r, err := keys.NewRotator(t.Context(), keys.RotatorOptions{
			Store: store, Policy: slow, Interval: time.Hour, Watch: keys.Watch{Logger: silent},
		})
		require.NoError(t, err)
		codec, err := token.New(token.Config{Keys: r, Audience: "a"})
		require.NoError(t, err)
		other, err := token.New(token.Config{Keys: rotated(t, nil, time.Now()), Audience: "a"})
		require.NoError(t, err)
		foreign, err := other.Seal(&token.Claims{SessionID: "s", AuthTime: time.Now(), Expiry: time.Now().Add(time.Hour), State: []byte("{}")})
		require.NoError(t, err)

		defer start(t, r)()
		before := store.loads
		for range 300 {
			for range 100 {
				_, err := codec.Open(foreign)
				require.ErrorIs(t, err, token.ErrUnknownKey)
			}
			time.Sleep(100 * time.Millisecond)
		}
		store.set(func() { require.InDelta(t, 10, store.loads-before, 1, "30,000 tokens in 30 s") })

		time.Sleep(10 * time.Second)
		require.NoError(t, keys.Vault{Store: store}.Swap(t.Context(), r.Ring(), must(r.Ring().WithVersion(2))))
		_, _ = codec.Open(foreign)
		time.Sleep(3 * time.Second)
		require.EqualValues(t, 2, r.Ring().Version(), "an hour before the next look")
	})
}

func must(r *keys.Ring, err error) *keys.Ring {
	if err != nil {
		panic(err)
	}
	return r
}

func TestUpdateTriesAgain(t *testing.T) {
	store := &shaky{}
	vault := keys.Vault{Store: store}
	require.NoError(t, vault.Swap(t.Context(), nil, rotated(t, nil, time.Now())))
	tries := 0
	before, after, err := vault.Update(t.Context(), func(r *keys.Ring) (*keys.Ring, error) {
		tries++
		if tries == 1 { // somebody else is quicker
			require.NoError(t, vault.Swap(t.Context(), r, must(r.WithVersion(r.Version()+1))))
		}
		return r.With(generated(t, time.Now().Add(day), time.Time{}), time.Now())
	})
	require.NoError(t, err)
	require.Equal(t, 2, tries)
	require.EqualValues(t, 2, before.Version())
	require.EqualValues(t, 3, after.Version())

	stop := errors.New("stop")
	_, _, err = vault.Update(t.Context(), func(*keys.Ring) (*keys.Ring, error) { return nil, stop })
	require.ErrorIs(t, err, stop)
	swaps := store.swaps
	_, same, err := vault.Update(t.Context(), func(r *keys.Ring) (*keys.Ring, error) { return r, nil })
	require.NoError(t, err)
	require.EqualValues(t, 3, same.Version())
	require.Equal(t, swaps, store.swaps, "what did not change is not stored")
}

func TestVaultRefused(t *testing.T) {
	store := &keys.Memory{}
	vault := keys.Vault{Store: store}
	ring := rotated(t, nil, time.Now())
	require.ErrorContains(t, vault.Swap(t.Context(), nil, must(ring.WithVersion(0))), "want more than 0")
	require.NoError(t, store.Swap(t.Context(), 0, keys.Document{Version: 7, Data: marshal(t, ring)}))
	_, err := vault.Load(t.Context())
	require.ErrorContains(t, err, "says version 7 of a ring with version 1")
}

func TestRotatorOptionsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		options keys.RotatorOptions
		says    string
	}{
		"no store":                           {keys.RotatorOptions{}, "RotatorOptions.Store is missing"},
		"a bad policy":                       {keys.RotatorOptions{Policy: keys.Policy{Period: -1}}, "Policy.Period"},
		"looks too rare for the propagation": {keys.RotatorOptions{Interval: 3 * time.Minute}, "at most half of Policy.Propagation"},
		"a negative timeout":                 {keys.RotatorOptions{Timeout: -1}, "RotatorOptions.Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "no store" {
				test.options.Store = &keys.Memory{}
			}
			_, err := keys.NewRotator(t.Context(), test.options)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestSealingWhileTheRotatorSteps : a step shares keys with the ring before it, which others are using. It is for the
// race detector.
func TestSealingWhileTheRotatorSteps(t *testing.T) {
	var days atomic.Int64
	now := func() time.Time { return began.Add(time.Duration(days.Load()) * day) }
	r, err := keys.NewRotator(t.Context(), keys.RotatorOptions{
		Store: &keys.Memory{}, Policy: plan, Watch: keys.Watch{Logger: silent, Now: now},
	})
	require.NoError(t, err)
	codec, err := token.New(token.Config{Keys: r, Audience: "a", Now: now})
	require.NoError(t, err)
	var all sync.WaitGroup
	var counts [4]atomic.Int64
	var done atomic.Bool
	for g := range counts {
		all.Go(func() {
			for !done.Load() {
				claims := token.Claims{SessionID: "s", AuthTime: now(), Expiry: began.Add(1000 * day), State: []byte("{}")}
				if _, err := codec.Seal(&claims); err != nil {
					t.Error(err)
					return
				}
				counts[g].Add(1)
				runtime.Gosched()
			}
		})
	}
	for range 30 {
		days.Add(2)
		require.NoError(t, r.Reload(t.Context()))
		// Nobody falls behind by more than two days: a ring of next week has none of the keys of today.
		for g := range counts {
			for n := counts[g].Load(); counts[g].Load() == n && !t.Failed(); {
				runtime.Gosched()
			}
		}
	}
	done.Store(true)
	all.Wait()
	require.Greater(t, r.Ring().Version(), int64(8))
}
