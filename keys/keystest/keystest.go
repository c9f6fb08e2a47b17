// Package keystest has the tests that every [keys.Store] passes. A driver's own test is a few lines:
//
//	func TestStore(t *testing.T) {
//		keystest.Run(t, func(t *testing.T) func() keys.Store {
//			place := newEmptyPlace(t)
//			return func() keys.Store { return open(t, place) }
//		})
//	}
package keystest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// Run tests a store. backend makes an empty place for a document and returns a function that opens a store over this place: each
// call is another process, as far as the store can tell.
func Run(t *testing.T, backend func(t *testing.T) (open func() keys.Store)) {
	t.Run("an empty store has no document", func(t *testing.T) { empty(t, backend(t)()) })
	t.Run("what was stored is loaded", func(t *testing.T) { roundTrip(t, backend(t)) })
	t.Run("another version is a conflict", func(t *testing.T) { conflict(t, backend(t)()) })
	t.Run("of several writers one wins", func(t *testing.T) { race(t, backend(t)) })
	t.Run("of several first writers one wins", func(t *testing.T) { firstRace(t, backend(t)) })
	t.Run("a step back is not seen", func(t *testing.T) { monotonic(t, backend(t)) })
	t.Run("an ended context is an error", func(t *testing.T) { canceled(t, backend(t)()) })
	t.Run("nodes share one rotator", func(t *testing.T) { rotators(t, backend(t)) })
}

// document has the form of a key file, with text in it over which a driver could stumble.
func document(version int64, text string) keys.Document {
	note, err := json.Marshal(text)
	if err != nil {
		panic("keystest: bad text")
	}
	return keys.Document{Version: version, Data: fmt.Appendf(nil, "{\"sealjar_version\": %d, \"keys\": [], \"note\": %s}\n", version, note)}
}

func load(t *testing.T, s keys.Store) keys.Document {
	t.Helper()
	doc, err := s.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return doc
}

func swap(t *testing.T, s keys.Store, old int64, next keys.Document) {
	t.Helper()
	if err := s.Swap(t.Context(), old, next); err != nil {
		t.Fatalf("Swap %d for %d: %v", next.Version, old, err)
	}
}

func holds(t *testing.T, s keys.Store, want keys.Document) {
	t.Helper()
	if got := load(t, s); got.Version != want.Version || !bytes.Equal(got.Data, want.Data) {
		t.Fatalf("the store holds version %d with %d bytes: want version %d with %d bytes", got.Version, len(got.Data), want.Version, len(want.Data))
	}
}

func empty(t *testing.T, s keys.Store) {
	if doc := load(t, s); doc.Version != 0 || doc.Data != nil {
		t.Fatalf("an empty store gives version %d and %d bytes", doc.Version, len(doc.Data))
	}
	if err := s.Swap(t.Context(), 1, document(2, "")); !errors.Is(err, keys.ErrConflict) {
		t.Fatalf("Swap of a version that an empty store does not hold: %v, want ErrConflict", err)
	}
	if doc := load(t, s); doc.Data != nil {
		t.Fatal("a failed Swap has stored its document")
	}
}

func roundTrip(t *testing.T, open func() keys.Store) {
	s := open()
	old := int64(0)
	for i, text := range []string{"first", "é 漢 🔑 ' \" \\ %s ; -- \x00", strings.Repeat("long ", 40_000), ""} {
		doc := document(old+1, text)
		swap(t, s, old, doc)
		holds(t, s, doc)
		holds(t, open(), doc)
		if i == 0 {
			doc.Data[0] = '['
			holds(t, s, document(1, text)) // it is the store's own copy
		}
		old++
	}
	last := document(keys.MaxVersion, "the last")
	swap(t, s, old, last)
	holds(t, open(), last)
}

func conflict(t *testing.T, s keys.Store) {
	swap(t, s, 0, document(5, "five"))
	for _, old := range []int64{0, 4, 6} {
		if err := s.Swap(t.Context(), old, document(7, "seven")); !errors.Is(err, keys.ErrConflict) {
			t.Fatalf("Swap for %d where 5 is stored: %v, want ErrConflict", old, err)
		}
		holds(t, s, document(5, "five"))
	}
}

const writers = 8

// race lets writers take steps until there were enough. Each step must be taken once.
func race(t *testing.T, open func() keys.Store) {
	const steps = 20
	s := open()
	swap(t, s, 0, document(1, "begin"))
	var mu sync.Mutex
	won := make(map[int64]int)
	together(t, open, func(s keys.Store, i int) error {
		for {
			doc, err := s.Load(t.Context())
			if err != nil {
				return err
			}
			if doc.Version > steps {
				return nil
			}
			err = s.Swap(t.Context(), doc.Version, document(doc.Version+1, fmt.Sprint("writer ", i)))
			if errors.Is(err, keys.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
			mu.Lock()
			won[doc.Version]++
			n := won[doc.Version]
			mu.Unlock()
			if n != 1 {
				return fmt.Errorf("step %d was taken %d times", doc.Version, n)
			}
		}
	})
	if len(won) != steps {
		t.Fatalf("%d of %d steps were taken", len(won), steps)
	}
}

func firstRace(t *testing.T, open func() keys.Store) {
	wins := make(chan int, writers)
	together(t, open, func(s keys.Store, i int) error {
		err := s.Swap(t.Context(), 0, document(1, fmt.Sprint("writer ", i)))
		if err == nil {
			wins <- i
		} else if !errors.Is(err, keys.ErrConflict) {
			return err
		}
		return nil
	})
	close(wins)
	if len(wins) != 1 {
		t.Fatalf("%d writers have written the first document", len(wins))
	}
	holds(t, open(), document(1, fmt.Sprint("writer ", <-wins)))
}

// monotonic : a version that was stored is the least that is loaded from then on, whole, in every process.
func monotonic(t *testing.T, open func() keys.Store) {
	const steps = 15
	writer := open()
	swap(t, writer, 0, document(1, strings.Repeat("1", 1000)))
	var failed atomic.Bool
	together(t, open, func(s keys.Store, i int) (err error) {
		last := int64(1)
		defer func() { failed.CompareAndSwap(false, err != nil) }()
		for last < steps && !failed.Load() {
			if i == 0 {
				if err := s.Swap(t.Context(), last, document(last+1, strings.Repeat(fmt.Sprint(last+1), 1000))); err != nil {
					return err
				}
				last++
				continue
			}
			doc, err := s.Load(t.Context())
			if err != nil {
				return err
			}
			if doc.Version < last {
				return fmt.Errorf("version %d after version %d", doc.Version, last)
			}
			if want := document(doc.Version, strings.Repeat(fmt.Sprint(doc.Version), 1000)); !bytes.Equal(doc.Data, want.Data) {
				return fmt.Errorf("version %d is torn", doc.Version)
			}
			last = doc.Version
		}
		return nil
	})
}

func canceled(t *testing.T, s keys.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Load(ctx); err == nil {
		t.Fatal("Load with an ended context: no error")
	}
	if err := s.Swap(ctx, 0, document(1, "")); err == nil {
		t.Fatal("Swap with an ended context: no error")
	}
}

// rotators : nodes that start at the same time, on an empty store, and then all find that a step is due.
func rotators(t *testing.T, open func() keys.Store) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	made := make(map[int64]string)
	see := func(r *keys.Ring) error {
		mu.Lock()
		defer mu.Unlock()
		var ids []string
		for _, k := range r.Keys() {
			ids = append(ids, k.ID())
		}
		all := strings.Join(ids, " ")
		if have, found := made[r.Version()]; found && have != all {
			return fmt.Errorf("version %d has the keys %s on one node and %s on another", r.Version(), have, all)
		}
		made[r.Version()] = all
		return nil
	}
	together(t, open, func(s keys.Store, _ int) error {
		at := now
		r, err := keys.NewRotator(t.Context(), keys.RotatorOptions{
			Store:  s,
			Policy: keys.Policy{Period: 24 * time.Hour, Session: 24 * time.Hour},
			Watch:  keys.Watch{Now: func() time.Time { return at }, Logger: slog.New(slog.DiscardHandler)},
		})
		if err != nil {
			return err
		}
		for range 6 {
			if err := see(r.Ring()); err != nil {
				return err
			}
			at = at.Add(12 * time.Hour)
			if err := r.Reload(t.Context()); err != nil {
				return err
			}
		}
		return nil
	})
	// One node may be three days ahead of another here, and a step is taken once all the same: 3 new keys in 3 days.
	if n := len(made); n == 0 || n > 8 {
		t.Fatalf("%d versions of the ring in three days: %v", n, made)
	}
}

// together runs the writers at the same time, each with a store of its own.
func together(t *testing.T, open func() keys.Store, write func(s keys.Store, i int) error) {
	t.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range writers {
		s := open()
		all.Go(func() {
			<-start
			if err := write(s, i); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	close(start)
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}
