package revocationtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// A cursor is good for any handle, and more than once: a node that could not apply what it read asks again.
func testCursor(t *testing.T, b Backend) {
	writer, other := b.Open(t), b.Open(t)
	r := newReader(other)
	require.NoError(t, r.read(t.Context()))
	require.Empty(t, r.seen)
	start := r.cursor

	for i := range 10 {
		e := entry(revocation.Session, fmt.Sprint("s", i))
		require.NoError(t, writer.Add(t.Context(), e))
		require.NoError(t, r.read(t.Context()))
		require.Contains(t, r.seen, nameOf(e))
	}
	require.NoError(t, r.read(t.Context()))
	require.Len(t, r.seen, 10)

	again := newReader(b.Open(t))
	again.cursor = start
	require.NoError(t, again.read(t.Context()))
	require.Len(t, again.seen, 10)
}

// The heart of the matter. Sixteen writers on four handles, some of them slow to commit, and two readers that read as
// fast as they can: whatever had been acknowledged when a Read began is known when it has returned. A store that numbers
// its records loses some here if the cursor steps over a number that is not visible yet.
func testComplete(t *testing.T, b Backend) {
	const writers, each = 16, 20
	var handles []revocation.Store
	for range 3 {
		handles = append(handles, b.Open(t))
	}
	if b.Slow != nil {
		handles = append(handles, b.Slow(t))
	} else {
		handles = append(handles, b.Open(t))
	}
	var mu sync.Mutex
	var acknowledged []revocation.Name // grows only
	known := func() []revocation.Name {
		mu.Lock()
		defer mu.Unlock()
		return acknowledged[:len(acknowledged):len(acknowledged)]
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	var writing, reading sync.WaitGroup
	var done atomic.Bool
	for w := range writers {
		writing.Go(func() {
			s := handles[w%len(handles)]
			for i := range each {
				batch := []revocation.Entry{entry(revocation.Session, fmt.Sprintf("%d-%d", w, i))}
				if i%5 == 4 { // one that all writers change, and so moves in the order
					batch = append(batch, entry(revocation.Subject, "shared"))
				}
				if err := s.Add(ctx, batch...); err != nil {
					t.Errorf("adding: %v", err)
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, nameOf(batch[0]))
				mu.Unlock()
			}
		})
	}
	for range 2 {
		r := newReader(b.Open(t))
		reading.Go(func() {
			for last, checked := false, 0; !last; {
				last = done.Load()
				want := known()
				if err := r.read(ctx); err != nil {
					t.Errorf("reading: %v", err)
					return
				}
				for _, name := range want[checked:] { // those before were seen, and nothing is ever unseen
					if _, seen := r.seen[name]; !seen {
						t.Errorf("%q was acknowledged before the read and is not in it", name.Name)
						return
					}
				}
				checked = len(want)
			}
		})
	}
	writing.Wait()
	done.Store(true)
	reading.Wait()
	require.Len(t, known(), writers*each)
	require.Len(t, readAll(t, b.Open(t)), writers*each+1)
}

// A node that starts must not hold the whole history in memory twice, and neither must the driver.
func testSnapshot(t *testing.T, b Backend) {
	const n = 10_000
	s := b.Open(t)
	for i := 0; i < n; i += 1000 {
		var batch []revocation.Entry
		for j := range 1000 {
			batch = append(batch, entry(revocation.Session, fmt.Sprint("session-", i+j)))
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience) // without one, the client of NATS gives up after 5 s
		require.NoError(t, s.Add(ctx, batch...))
		cancel()
	}
	seen := map[string]bool{}
	cursor, err := b.Open(t).Read(t.Context(), "", func(batch []revocation.Entry) error {
		require.NotEmpty(t, batch)
		require.LessOrEqual(t, len(batch), revocation.MaxBatch)
		for i := range batch {
			seen[batch[i].Name] = true
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, seen, n)

	r := newReader(s)
	r.cursor = cursor
	require.NoError(t, r.read(t.Context()))
	require.Less(t, len(r.seen), n/2, "after a snapshot only a tail may be repeated")
}

// The error of apply comes back, and the old cursor is as good as before.
func testApplyError(t *testing.T, b Backend) {
	s := b.Open(t)
	r := newReader(s)
	require.NoError(t, r.read(t.Context()))
	require.NoError(t, s.Add(t.Context(), entry(revocation.Session, "a"), entry(revocation.Session, "b")))
	broken := errors.New("can't apply")
	for _, cursor := range []revocation.Cursor{"", r.cursor} {
		calls := 0
		_, err := s.Read(t.Context(), cursor, func([]revocation.Entry) error { calls++; return broken })
		require.ErrorIs(t, err, broken)
		require.Equal(t, 1, calls)
	}
	require.NoError(t, r.read(t.Context()))
	require.Len(t, r.seen, 2)
}

// Cursors are the driver's own text, and it accepts no other: a wrong one would mean a wrong place, and sign-outs that
// are missed.
func testForeignCursor(t *testing.T, b Backend) {
	s := b.Open(t)
	require.NoError(t, s.Add(t.Context(), entry(revocation.Session, "a")))
	r := newReader(s)
	require.NoError(t, r.read(t.Context()))
	good := string(r.cursor)
	for _, cursor := range []string{
		"x", "0", "1", "-1", " ", "\x00", "$", ">", "+", "-", "0-0", "9999999999-0", "18446744073709551616", "null", "é", "' OR 1=1 --",
		strings.Repeat("9", 4000), good + "x", good + " ", good + "\x00", " " + good, good + "9999999999", "x" + good, good[1:], good + good,
		strings.ToUpper(good) + "!",
	} {
		_, err := s.Read(t.Context(), revocation.Cursor(cursor), func([]revocation.Entry) error { return nil })
		require.ErrorIs(t, err, revocation.ErrCursor, "cursor %q", cursor)
	}
	require.NoError(t, r.read(t.Context()))
}

// A store that has lost its data must not take the cursors of before for its own, not even once it has grown past them:
// the nodes would wait for what is behind them. They start anew, and write back what they know.
func testWipe(t *testing.T, b Backend) {
	s := b.Open(t)
	for i := range 5 {
		require.NoError(t, s.Add(t.Context(), entry(revocation.Session, fmt.Sprint("old", i))))
	}
	r := newReader(s)
	require.NoError(t, r.read(t.Context()))
	require.Len(t, r.seen, 5)

	b.Wipe(t)
	require.ErrorIs(t, r.read(t.Context()), revocation.ErrCursor)
	for i := range 20 {
		require.NoError(t, b.Open(t).Add(t.Context(), entry(revocation.Session, fmt.Sprint("new", i))))
	}
	require.ErrorIs(t, r.read(t.Context()), revocation.ErrCursor)
	require.ErrorIs(t, func() error {
		_, err := b.Open(t).Read(t.Context(), r.cursor, func([]revocation.Entry) error { return nil })
		return err
	}(), revocation.ErrCursor)

	r = newReader(s)
	require.NoError(t, r.read(t.Context()))
	require.Len(t, r.seen, 20)
	require.NoError(t, s.Add(t.Context(), entry(revocation.Session, "old1"))) // the handle of before writes back
	require.NoError(t, r.read(t.Context()))
	require.Len(t, r.seen, 21)
}
