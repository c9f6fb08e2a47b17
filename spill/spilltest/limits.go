package spilltest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sealjar/sealjar/spill"
)

func expiry(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "over", row(1, "over"), sooner()))
	holds(t, s, "over", spill.Row{})
	noError(t, "Create", s.Create(t.Context(), "alive", row(1, "alive"), later()))
	holds(t, s, "alive", row(1, "alive"))
	far := time.Now().Add(400 * 24 * time.Hour)
	noError(t, "Create", s.Create(t.Context(), "far", row(1, "far"), far))
	holds(t, open(), "far", row(1, "far"))
}

func moveExpiry(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(1, "one"), later()))
	noError(t, "Replace", s.Replace(t.Context(), "a", row(2, "two"), later().Add(time.Hour)))
	holds(t, s, "a", row(2, "two"))
	noError(t, "Replace", s.Replace(t.Context(), "a", row(3, "three"), sooner()))
	holds(t, s, "a", spill.Row{})
}

func createAgain(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(7, "over"), sooner()))
	noError(t, "Create in the place of a row that has expired", open().Create(t.Context(), "a", row(1, "next"), later()))
	holds(t, s, "a", row(1, "next"))
	conflict(t, "Create where there is a row", s.Create(t.Context(), "a", row(8, "another"), later()))
}

func sizes(t *testing.T, open func() spill.Store) {
	s := open()
	for i, size := range []int{1, 255, 256, 65_535, 65_536, spill.MaxSize} {
		id := fmt.Sprint("size-", i)
		first, second := row(1, strings.Repeat("a", size)), row(2, strings.Repeat("b", size))
		noError(t, "Create", s.Create(t.Context(), id, first, later()))
		holds(t, s, id, first)
		noError(t, "Replace", s.Replace(t.Context(), id, second, later()))
		holds(t, s, id, second)
	}
}

func limits(t *testing.T, open func() spill.Store) {
	s := open()
	noError(t, "Create", s.Create(t.Context(), "a", row(1, "one"), later()))
	for what, bad := range map[string]struct {
		id  string
		row spill.Row
	}{
		"an empty row":                {"a", row(2, "")},
		"a row beyond the limit":      {"a", row(2, strings.Repeat("x", spill.MaxSize+1))},
		"version 0":                   {"a", row(0, "x")},
		"a version below 0":           {"a", row(-1, "x")},
		"a version that JSON can't":   {"a", row(1<<53, "x")},
		"no id":                       {"", row(2, "x")},
		"an id that is too long":      {strings.Repeat("a", 65), row(2, "x")},
		"an id that is none":          {"a b", row(2, "x")},
		"an id that is another key's": {"a:b", row(2, "x")},
	} {
		if err := s.Create(t.Context(), bad.id, bad.row, later()); err == nil || errors.Is(err, spill.ErrConflict) {
			t.Errorf("Create of %s: %v", what, err)
		}
		if err := s.Replace(t.Context(), bad.id, bad.row, later()); err == nil || errors.Is(err, spill.ErrConflict) {
			t.Errorf("Replace by %s: %v", what, err)
		}
	}
	holds(t, s, "a", row(1, "one"))
}
