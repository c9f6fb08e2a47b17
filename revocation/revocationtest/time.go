package revocationtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// expired returns an entry that nobody needs any more.
func expired(name string) revocation.Entry {
	at := now()
	return revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: at.Add(-2 * time.Hour), Until: at.Add(-time.Hour)}
}

// A snapshot is what a new node has to load: it holds nothing that has expired, whether it was deleted already or not.
func testExpired(t *testing.T, b Backend) {
	s := b.Open(t)
	live := entry(revocation.Session, "live")
	require.NoError(t, s.Add(t.Context(), expired("dead"), live, expired("dead too")))
	got := readAll(t, b.Open(t))
	require.Len(t, got, 1)
	requireEntry(t, live, got[nameOf(live)])
}

// The end of an entry is its latest: one that would have been forgotten, and was added again with a later end, is kept, also
// where the store deletes by itself. The end is never moved forward.
func testExtended(t *testing.T, b Backend) {
	s := b.Open(t)
	old := expired("a")
	fresh := old
	fresh.Until = now().Add(time.Hour)
	require.NoError(t, s.Add(t.Context(), old))
	require.NoError(t, s.Add(t.Context(), fresh))
	require.NoError(t, s.Add(t.Context(), old))
	sweep(t, s)
	requireEntry(t, fresh, readAll(t, b.Open(t))[nameOf(old)])
	requireEntry(t, fresh, lookup(t, s, nameOf(old)))
}

// Waiting is a hint, but a useful one: it ends soon after another process has added something, and at once if that
// happened before.
func testWait(t *testing.T, b Backend) {
	r, other := newReader(b.Open(t)), b.Open(t)
	require.NoError(t, r.read(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	until := func(name revocation.Name) error {
		for {
			if err := r.store.Wait(ctx, r.cursor); err != nil {
				return err
			}
			if err := r.read(ctx); err != nil {
				return err
			}
			if _, found := r.seen[name]; found {
				return nil
			}
		}
	}
	before := entry(revocation.Session, "before")
	require.NoError(t, other.Add(ctx, before))
	require.NoError(t, until(nameOf(before)))
	for i := range 5 {
		during := entry(revocation.Session, fmt.Sprint("during", i))
		var waiting sync.WaitGroup
		var err error
		waiting.Go(func() { err = until(nameOf(during)) })
		require.NoError(t, other.Add(ctx, during))
		waiting.Wait()
		require.NoError(t, err)
	}
	// A change of an entry counts too.
	changed := before
	changed.Until = changed.Until.Add(time.Hour)
	require.NoError(t, other.Add(ctx, changed))
	for r.seen[nameOf(before)].Until.UnixMilli() != changed.Until.UnixMilli() {
		require.NoError(t, r.store.Wait(ctx, r.cursor))
		require.NoError(t, r.read(ctx))
	}
}

// A node that shuts down does not wait for a revocation to come.
func testWaitCancelled(t *testing.T, b Backend) {
	s := b.Open(t)
	r := newReader(s)
	require.NoError(t, r.read(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for s.Wait(ctx, r.cursor) == nil { // it may be called a hint at any time
		}
	}()
	cancel()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("Wait goes on after its context has ended")
	}
	require.Error(t, s.Wait(ctx, r.cursor))
}

// Who has hung up gets an error and no half answer.
func testContext(t *testing.T, b Backend) {
	s := b.Open(t)
	e := entry(revocation.Session, "a")
	require.NoError(t, s.Add(t.Context(), e))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, s.Add(ctx, entry(revocation.Session, "b")))
	_, err := s.Lookup(ctx, []revocation.Name{nameOf(e)})
	require.Error(t, err)
	_, err = s.Read(ctx, "", func([]revocation.Entry) error { return nil })
	require.Error(t, err)
	require.NoError(t, s.Add(t.Context(), e), "the handle is still good")
}

// What lives stays, what has expired goes, whoever sweeps at the same time and whoever writes. A reader goes on as if
// nothing had happened, or is told to begin anew.
func testSweep(t *testing.T, b Backend) {
	s := b.Open(t)
	if _, ok := s.(revocation.Sweeper); !ok {
		t.Skip("this store forgets by itself")
	}
	r := newReader(s)
	require.NoError(t, r.read(t.Context()))
	for i := range 20 {
		var batch []revocation.Entry
		for j := range 20 {
			batch = append(batch, expired(fmt.Sprintf("dead-%d-%d", i, j)))
		}
		require.NoError(t, s.Add(t.Context(), append(batch, entry(revocation.Session, fmt.Sprint("live-", i)))...))
	}
	var wg sync.WaitGroup
	for w := range 4 {
		handle := b.Open(t)
		wg.Go(func() { sweep(t, handle) })
		wg.Go(func() {
			for i := range 20 {
				if err := handle.Add(t.Context(), entry(revocation.Session, fmt.Sprintf("new-%d-%d", w, i))); err != nil {
					t.Errorf("adding while others sweep: %v", err)
				}
			}
		})
	}
	wg.Wait()
	sweep(t, s)
	require.Len(t, readAll(t, b.Open(t)), 100)
	found, err := s.Lookup(t.Context(), []revocation.Name{nameOf(expired("dead-3-7")), {Kind: revocation.Session, Name: "live-3"}})
	require.NoError(t, err)
	require.Len(t, found, 1, "what was swept is gone")
	requireLive(t, r)
}

// requireLive follows on, from the beginning if the store says so.
func requireLive(t *testing.T, r *reader) {
	if err := r.read(t.Context()); err != nil {
		require.ErrorIs(t, err, revocation.ErrCursor)
		r.cursor = ""
		require.NoError(t, r.read(t.Context()))
	}
	live := 0
	for _, e := range r.seen {
		if e.Until.After(time.Now()) {
			live++
		}
	}
	require.Equal(t, 100, live)
}

// sweep sweeps until there is nothing to do.
func sweep(t *testing.T, s revocation.Store) {
	sweeper, ok := s.(revocation.Sweeper)
	for n := 1; ok && n > 0; {
		var err error
		if n, err = sweeper.Sweep(t.Context()); err != nil {
			t.Errorf("sweeping: %v", err)
			return
		}
	}
}
