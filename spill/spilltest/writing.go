package spilltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sealjar/sealjar/spill"
)

func absent(t *testing.T, open func() spill.Store) {
	s := open()
	holds(t, s, "nobody", spill.Row{})
	noError(t, "Delete of nothing", s.Delete(t.Context(), "nobody"))
	conflict(t, "Replace of nothing", s.Replace(t.Context(), "nobody", row(1, "a"), later()))
	holds(t, s, "nobody", spill.Row{})
}

func roundTrip(t *testing.T, open func() spill.Store) {
	s, other := open(), open()
	longest := strings.Repeat("aZ09-_", 11)[:64]
	for _, id := range []string{"a", longest} {
		first, second := row(1, "first \x00\xff' \" \\ %s ; -- é"), row(1<<53-1, "second")
		noError(t, "Create", s.Create(t.Context(), id, first, later()))
		holds(t, s, id, first)
		holds(t, other, id, first)
		noError(t, "Replace", other.Replace(t.Context(), id, second, later()))
		holds(t, s, id, second)
		holds(t, open(), id, second)
	}
}

func ownCopy(t *testing.T, open func() spill.Store) {
	s := open()
	first, second := row(1, "first"), row(2, "second")
	noError(t, "Create", s.Create(t.Context(), "a", first, later()))
	first.Data[0] = 'X'
	got := holds(t, s, "a", row(1, "first"))
	got.Data[0] = 'X'
	holds(t, s, "a", row(1, "first"))
	noError(t, "Replace", s.Replace(t.Context(), "a", second, later()))
	second.Data[0] = 'X'
	holds(t, s, "a", row(2, "second"))
}

func createOnce(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(5, "five"), later()))
	for _, version := range []int64{4, 5, 6} {
		conflict(t, "Create where there is a row", open().Create(t.Context(), "a", row(version, "another"), later()))
		holds(t, s, "a", row(5, "five"))
	}
}

func replaceOlder(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(5, "five"), later()))
	for _, version := range []int64{1, 4, 5} {
		conflict(t, "Replace by a version that is not higher", open().Replace(t.Context(), "a", row(version, "another"), later()))
		holds(t, s, "a", row(5, "five"))
	}
	noError(t, "Replace by a higher version", s.Replace(t.Context(), "a", row(6, "six"), later()))
	holds(t, s, "a", row(6, "six"))
}

func replaceNothing(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(5, "five"), later()))
	noError(t, "Delete", open().Delete(t.Context(), "a"))
	conflict(t, "Replace of a row that was deleted", s.Replace(t.Context(), "a", row(6, "six"), later()))
	holds(t, s, "a", spill.Row{})
	noError(t, "Create", s.Create(t.Context(), "b", row(5, "five"), sooner()))
	conflict(t, "Replace of a row that has expired", s.Replace(t.Context(), "b", row(6, "six"), later()))
	holds(t, s, "b", spill.Row{})
}

const writers = 8

func createRace(t *testing.T, open func() spill.Store) {
	for round := range 5 {
		id := fmt.Sprint("race-", round)
		wins := make(chan int, writers)
		together(t, open, func(s spill.Store, i int) error {
			err := s.Create(t.Context(), id, row(int64(i+1), fmt.Sprint(i)), later())
			if err == nil {
				wins <- i
			} else if !errors.Is(err, spill.ErrConflict) {
				return err
			}
			return nil
		})
		close(wins)
		if len(wins) != 1 {
			t.Fatalf("%d writers have created the row", len(wins))
		}
		i := <-wins
		holds(t, open(), id, row(int64(i+1), fmt.Sprint(i)))
	}
}

// replaceRace lets each writer write versions of its own, upwards. What a reader sees never goes back, and the last is
// the highest.
func replaceRace(t *testing.T, open func() spill.Store) {
	const steps = 20
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(1, "begin"), later()))
	together(t, open, func(s spill.Store, i int) error {
		last := int64(1)
		for step := range int64(steps) {
			version := 2 + step*writers + int64(i)
			err := s.Replace(t.Context(), "a", row(version, strings.Repeat(fmt.Sprint(version, " "), 100)), later())
			if err != nil && !errors.Is(err, spill.ErrConflict) {
				return err
			}
			got, err := s.Get(t.Context(), "a")
			switch {
			case err != nil:
				return err
			case got.Version < last || got.Version < version:
				return fmt.Errorf("version %d after version %d", got.Version, max(last, version))
			case string(got.Data) != strings.Repeat(fmt.Sprint(got.Version, " "), 100):
				return fmt.Errorf("version %d is torn", got.Version)
			}
			last = got.Version
		}
		return nil
	})
	highest := int64(1 + steps*writers)
	holds(t, s, "a", row(highest, strings.Repeat(fmt.Sprint(highest, " "), 100)))
}

// together runs the writers at the same time, each with a store of its own.
func together(t *testing.T, open func() spill.Store, write func(s spill.Store, i int) error) {
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

func deleted(t *testing.T, open func() spill.Store) {
	s, other := open(), open()
	noError(t, "Create", s.Create(t.Context(), "a", row(1, "one"), later()))
	noError(t, "Create", s.Create(t.Context(), "b", row(1, "two"), later()))
	noError(t, "Delete", s.Delete(t.Context(), "a"))
	holds(t, s, "a", spill.Row{})
	holds(t, other, "a", spill.Row{})
	holds(t, other, "b", row(1, "two"))
	noError(t, "Delete again", other.Delete(t.Context(), "a"))
	noError(t, "Create after Delete", other.Create(t.Context(), "a", row(1, "three"), later()))
	holds(t, s, "a", row(1, "three"))
}

func exactIDs(t *testing.T, open func() spill.Store) {
	s := open()
	ids := []string{"aB", "ab", "AB", "aB_", "aB-", "a", "0", "00", "_", "-"}
	for i, id := range ids {
		noError(t, "Create of "+id, s.Create(t.Context(), id, row(int64(i+1), id), later()))
	}
	for i, id := range ids {
		holds(t, s, id, row(int64(i+1), id))
	}
	for _, like := range []string{"aB ", "%", "a_", "aB\x00", "ab%", "*"} {
		if got, err := s.Get(t.Context(), like); err == nil && got.Version != 0 {
			t.Fatalf("the id %q leads to the row of %q", like, got.Data)
		}
	}
}

func canceled(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(1, "one"), later()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Get(ctx, "a")
	for name, err := range map[string]error{
		"Get": err, "Create": s.Create(ctx, "b", row(1, "b"), later()), "Replace": s.Replace(ctx, "a", row(2, "two"), later()), "Delete": s.Delete(ctx, "a"),
	} {
		if err == nil || errors.Is(err, spill.ErrConflict) {
			t.Errorf("%s with an ended context: %v", name, err)
		}
	}
}

func holds(t *testing.T, s spill.Store, id string, want spill.Row) spill.Row {
	t.Helper()
	got, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	if got.Version != want.Version || string(got.Data) != string(want.Data) {
		t.Fatalf("the store holds version %d with %d bytes: want version %d with %d bytes", got.Version, len(got.Data), want.Version, len(want.Data))
	}
	return got
}

func noError(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func conflict(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, spill.ErrConflict) {
		t.Fatalf("%s: %v, want ErrConflict", what, err)
	}
}
