// Package revocationtest is the contract of a [revocation.Store] as tests. A driver's own test is little more than a call
// of [Run].
package revocationtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/revocation"
)

// Backend is one place that keeps entries: a table, a stream, a bucket. It is empty at first.
type Backend struct {
	// Open returns another handle on the place, as another process would have it. What it holds is to be released by
	// t.Cleanup, with no goroutine left.
	Open func(t testing.TB) revocation.Store

	// Wipe takes away everything that the place holds, as a mistake or a restore from an empty backup would: a dropped
	// table, FLUSHALL. The handles that are open stay in use.
	Wipe func(t testing.TB)

	// Slow, if not nil, returns a handle whose Add takes a while between getting a place in the store's order and
	// becoming visible, such as one that commits late. In most stores the order of commits is another one than the order
	// of numbers, and a reader must not step over what has a number and is not visible yet.
	Slow func(t testing.TB) revocation.Store
}

// Run runs all tests. Each calls fresh for a backend of its own. The tests use the clock of the machine, and entries
// that expire in hours or have expired for minutes, so the clock of a server need not be exact.
func Run(t *testing.T, fresh func(t testing.TB) Backend) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, b Backend)
	}{
		{"what was added can be looked up", testLookup},
		{"what was added is read, with all it says", testRoundTrip},
		{"an entry is merged by the latest cutoff and the latest end", testMerge},
		{"entries commute and are idempotent", testCommute},
		{"names that look alike are different names", testNames},
		{"a batch with a mistake is not recorded, not in part either", testBatch},
		{"an entry that is wrong is refused", testValidation},
		{"a cursor leads on from where it was given", testCursor},
		{"a reader beside many writers misses nothing", testComplete},
		{"a big snapshot comes in bounded batches", testSnapshot},
		{"an error of apply ends the read", testApplyError},
		{"what has expired is not in a snapshot", testExpired},
		{"an entry that was extended has not expired", testExtended},
		{"a cursor that is not of this store is refused", testForeignCursor},
		{"a store that was emptied is noticed", testWipe},
		{"waiting ends when another handle adds", testWait},
		{"waiting ends with its context", testWaitCancelled},
		{"a context that has ended is an error", testContext},
		{"sweeping deletes only what has expired", testSweep},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // registered first, so it runs after the handles were closed
			test.run(t, fresh(t))
		})
	}
}

// patience bounds what should take milliseconds.
const patience = time.Minute

// now is the time in the resolution that stores keep.
func now() time.Time { return time.UnixMilli(time.Now().UnixMilli()) }

// entry returns an entry that lives for hours.
func entry(kind revocation.Kind, name string) revocation.Entry {
	at := now()
	return revocation.Entry{Kind: kind, Name: name, Cutoff: at, Until: at.Add(time.Hour), Reason: "test"}
}

func nameOf(e revocation.Entry) revocation.Name { return revocation.Name{Kind: e.Kind, Name: e.Name} }

// requireEntry compares entries whose times may be in different zones.
func requireEntry(t require.TestingT, want, got revocation.Entry) {
	require.Equal(t, nameOf(want), nameOf(got))
	require.Equal(t, want.Cutoff.UnixMilli(), got.Cutoff.UnixMilli(), "Cutoff of %q", want.Name)
	require.Equal(t, want.Until.UnixMilli(), got.Until.UnixMilli(), "Until of %q", want.Name)
	require.Equal(t, want.Reason, got.Reason, "Reason of %q", want.Name)
}

// lookup returns the one entry of a name.
func lookup(t require.TestingT, s revocation.Store, name revocation.Name) revocation.Entry {
	found, err := s.Lookup(context.Background(), []revocation.Name{name})
	require.NoError(t, err)
	require.Len(t, found, 1, "entries named %q", name.Name)
	return found[0]
}

// reader follows a store. It merges what it reads, as a node does.
type reader struct {
	store  revocation.Store
	cursor revocation.Cursor

	mu   sync.Mutex
	seen map[revocation.Name]revocation.Entry
}

func newReader(s revocation.Store) *reader {
	return &reader{store: s, seen: make(map[revocation.Name]revocation.Entry)}
}

func (r *reader) read(ctx context.Context) error {
	next, err := r.store.Read(ctx, r.cursor, func(batch []revocation.Entry) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, e := range batch {
			if have, ok := r.seen[nameOf(e)]; ok {
				e = have.Merge(e)
			}
			r.seen[nameOf(e)] = e
		}
		return nil
	})
	if err == nil {
		if next == "" {
			return errors.New("the cursor after a Read is empty, which means the beginning")
		}
		r.cursor = next
	}
	return err
}

// readAll returns what a new process would read.
func readAll(t require.TestingT, s revocation.Store) map[revocation.Name]revocation.Entry {
	r := newReader(s)
	require.NoError(t, r.read(context.Background()))
	return r.seen
}
