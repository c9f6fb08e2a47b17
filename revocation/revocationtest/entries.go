package revocationtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar/revocation"
)

// A point query answers for the names that are there, and is silent about those that are not. It is what a node asks that
// keeps no list of its own.
func testLookup(t *testing.T, b Backend) {
	s := b.Open(t)
	ctx := t.Context()
	found, err := s.Lookup(ctx, []revocation.Name{{Kind: revocation.Session, Name: "nobody"}, {Kind: revocation.All}})
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = s.Lookup(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, found)

	a, all := entry(revocation.Session, "a"), entry(revocation.All, "")
	require.NoError(t, s.Add(ctx, a, all, entry(revocation.Session, "another")))
	found, err = b.Open(t).Lookup(ctx, []revocation.Name{
		nameOf(a), {Kind: revocation.Subject, Name: "a"}, nameOf(all), {Kind: revocation.Session, Name: "nobody"},
	})
	require.NoError(t, err)
	require.Len(t, found, 2)
	if found[0].Kind == revocation.All {
		found[0], found[1] = found[1], found[0]
	}
	requireEntry(t, a, found[0])
	requireEntry(t, all, found[1])
}

// Every kind, the longest name and reason, and times to the millisecond survive the way to another handle. Adding nothing
// is no error.
func testRoundTrip(t *testing.T, b Backend) {
	at := now()
	want := map[revocation.Name]revocation.Entry{}
	for _, e := range []revocation.Entry{
		{Kind: revocation.Session, Name: "q83vEjRWeJq83u8BI0VniQ", Cutoff: at, Until: at.Add(time.Hour)},
		{Kind: revocation.Renewed, Name: "q83vEjRWeJq83u8BI0VniQ", Cutoff: at.Add(-time.Minute), Until: at.Add(2 * time.Hour), Reason: "renewed"},
		{Kind: revocation.Token, Name: "q83vEjRWeJq83u8B", Cutoff: at.Add(-time.Hour), Until: at.Add(400 * 24 * time.Hour)},
		{Kind: revocation.Subject, Name: strings.Repeat("é", 127), Cutoff: at.Add(-time.Millisecond), Until: at.Add(time.Hour), Reason: strings.Repeat("x", 255)},
		{Kind: revocation.Group, Name: "tenant/7", Cutoff: at.Add(time.Hour), Until: at.Add(2 * time.Hour), Reason: "contract \"ended\" — 'now'\n\x00\\%_"},
		{Kind: revocation.Key, Name: "k", Cutoff: at.Add(-23 * time.Hour).Add(time.Millisecond), Until: at.Add(time.Hour + time.Millisecond), Reason: "leaked"},
		{Kind: revocation.All, Cutoff: at, Until: at.Add(time.Hour), Reason: "drill"},
	} {
		want[nameOf(e)] = e
	}
	s := b.Open(t)
	require.NoError(t, s.Add(t.Context()))
	for _, e := range want {
		require.NoError(t, s.Add(t.Context(), e))
	}
	got := readAll(t, b.Open(t))
	require.Len(t, got, len(want))
	for name, e := range want {
		requireEntry(t, e, got[name])
		requireEntry(t, e, lookup(t, s, name))
	}
}

// The later cutoff counts, with its reason, and the later end, each for itself.
func testMerge(t *testing.T, b Backend) {
	at := now()
	at10, at20 := at.Add(10*time.Second), at.Add(20*time.Second)
	until1, until2 := at.Add(time.Hour), at.Add(2*time.Hour)
	name := revocation.Name{Kind: revocation.Subject, Name: "s"}
	for _, test := range []struct {
		name                string
		first, second, want revocation.Entry
	}{
		{
			"later in all",
			revocation.Entry{Cutoff: at10, Until: until1, Reason: "old"},
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
		},
		{
			"earlier in all",
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
			revocation.Entry{Cutoff: at10, Until: until1, Reason: "old"},
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
		},
		{
			"later cutoff, earlier end",
			revocation.Entry{Cutoff: at10, Until: until2, Reason: "old"},
			revocation.Entry{Cutoff: at20, Until: until1, Reason: "new"},
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
		},
		{
			"earlier cutoff, later end",
			revocation.Entry{Cutoff: at20, Until: until1, Reason: "new"},
			revocation.Entry{Cutoff: at10, Until: until2, Reason: "old"},
			revocation.Entry{Cutoff: at20, Until: until2, Reason: "new"},
		},
		{
			"later by a millisecond, without a reason",
			revocation.Entry{Cutoff: at10, Until: until1, Reason: "old"},
			revocation.Entry{Cutoff: at10.Add(time.Millisecond), Until: until1},
			revocation.Entry{Cutoff: at10.Add(time.Millisecond), Until: until1},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := b.Open(t)
			follower := newReader(b.Open(t))
			require.NoError(t, follower.read(t.Context()))
			for _, e := range []*revocation.Entry{&test.first, &test.second, &test.want} {
				e.Kind, e.Name = name.Kind, test.name
			}
			require.NoError(t, s.Add(t.Context(), test.first))
			require.NoError(t, follower.read(t.Context()))
			require.NoError(t, s.Add(t.Context(), test.second))
			require.NoError(t, follower.read(t.Context()))

			requireEntry(t, test.want, lookup(t, s, nameOf(test.want)))
			requireEntry(t, test.want, readAll(t, b.Open(t))[nameOf(test.want)])
			requireEntry(t, test.want, follower.seen[nameOf(test.want)]) // an entry that has changed is handed over again
		})
	}
}

// Whatever the order, the number of repetitions and the grouping into batches, also with one name several times in a batch,
// the result is the same.
func testCommute(t *testing.T, b Backend) {
	s := b.Open(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		at := now()
		var entries []revocation.Entry
		for range rapid.IntRange(1, 6).Draw(rt, "entries") {
			cutoff := at.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "cutoff")) * time.Millisecond)
			entries = append(entries, revocation.Entry{
				Kind: revocation.Group, Name: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "name"), Cutoff: cutoff,
				Until: at.Add(time.Hour + time.Duration(rapid.IntRange(0, 5).Draw(rt, "until"))*time.Millisecond),
				// One cutoff has one reason here: which of two is kept is the store's affair.
				Reason: fmt.Sprint("at ", cutoff.UnixMilli()),
			})
		}
		// Two histories side by side, told apart by a prefix of their names.
		other := append(rapid.Permutation(entries).Draw(rt, "order"), rapid.SliceOfN(rapid.SampledFrom(entries), 0, 2).Draw(rt, "again")...)
		for i, history := range [][]revocation.Entry{entries, other} {
			for len(history) > 0 {
				n := rapid.IntRange(1, len(history)).Draw(rt, "batch")
				batch := make([]revocation.Entry, n)
				copy(batch, history)
				for j := range batch {
					batch[j].Name = fmt.Sprint(round, "/", i, "/", batch[j].Name)
				}
				require.NoError(rt, s.Add(context.Background(), batch...))
				history = history[n:]
			}
		}
		want := map[string]revocation.Entry{}
		for _, e := range entries {
			if have, ok := want[e.Name]; ok {
				e = have.Merge(e)
			}
			want[e.Name] = e
		}
		for i := range 2 {
			for _, e := range want {
				e.Name = fmt.Sprint(round, "/", i, "/", e.Name)
				requireEntry(rt, e, lookup(rt, s, nameOf(e)))
			}
		}
	})
}

// Stores like to compare text as people do: without regard to case, accents, the form of an accent or trailing spaces, and
// some end it at a zero byte. One user's sign-out must not be another's.
func testNames(t *testing.T, b Backend) {
	s := b.Open(t)
	names := []string{
		"a", "A", "a ", " a", "a\t", "a\n", "a\x00", "a\x00b", "ä", "Ä", "a\u0308", "ae", "æ", "ß", "ss", "ı", "i", "I", "İ", "ﬁ", "fi",
		"'", "\"", "''", "\\", "\\\\", "`", "%", "_", "a%", "$1", "?", ":a", "*", ">", "a.b", "a.>", "a*b", "{a}", "[a]", "a/b", "a:b", "a;--",
		"0", "00", "1", "1.0", "1e0", "null", "NULL", "true", "-", "—", "😀", "👩‍👩‍👧", "\u200b", "\u200ba", "日本", "שלום", "\uffff", "\U0010ffff",
		strings.Repeat("x", 255), strings.Repeat("x", 254), strings.Repeat("x", 254) + "y", strings.Repeat("€", 85), "A" + strings.Repeat("x", 254),
	}
	at := now()
	want := map[revocation.Name]revocation.Entry{}
	for i, name := range names {
		for j, kind := range []revocation.Kind{revocation.Subject, revocation.Group, revocation.Session} {
			e := revocation.Entry{
				Kind: kind, Name: name, Cutoff: at.Add(time.Duration(3*i+j) * time.Millisecond), Until: at.Add(time.Hour),
				Reason: fmt.Sprint(kind, i),
			}
			want[nameOf(e)] = e
		}
	}
	var all []revocation.Entry
	var asked []revocation.Name
	for name, e := range want {
		all, asked = append(all, e), append(asked, name)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	require.NoError(t, s.Add(t.Context(), all...))

	got := readAll(t, b.Open(t))
	require.Len(t, got, len(want))
	for name, e := range want {
		requireEntry(t, e, got[name])
	}
	found, err := s.Lookup(t.Context(), asked)
	require.NoError(t, err)
	require.Len(t, found, len(want))
	for _, e := range found {
		requireEntry(t, want[nameOf(e)], e)
	}
	found, err = s.Lookup(t.Context(), []revocation.Name{
		{Kind: revocation.Subject, Name: "b"},
		{Kind: revocation.Subject, Name: "a  "},
		{Kind: revocation.Token, Name: "a"},
		{Kind: revocation.Subject, Name: "B\x00"},
		{Kind: revocation.Key, Name: "%"},
	})
	require.NoError(t, err)
	require.Empty(t, found)
}

// Half of a batch would be half of a sign-out. The mistake is in the last one, when the others are on their way already.
func testBatch(t *testing.T, b Backend) {
	s := b.Open(t)
	var batch []revocation.Entry
	for i := range 50 {
		batch = append(batch, entry(revocation.Session, fmt.Sprint("s", i)))
	}
	wrong := append(batch[:49:49], entry(revocation.Session, strings.Repeat("x", 256)))
	require.Error(t, s.Add(t.Context(), wrong...))
	require.Empty(t, readAll(t, b.Open(t)))

	require.NoError(t, s.Add(t.Context(), batch...))
	require.Len(t, readAll(t, b.Open(t)), 50)
}

// A store checks for itself: what it can't keep exactly must not be acknowledged.
func testValidation(t *testing.T, b Backend) {
	s := b.Open(t)
	for name, change := range map[string]func(*revocation.Entry){
		"no kind":             func(e *revocation.Entry) { e.Kind = "" },
		"unknown kind":        func(e *revocation.Entry) { e.Kind = "Session" },
		"no name":             func(e *revocation.Entry) { e.Name = "" },
		"a name for all":      func(e *revocation.Entry) { e.Kind = revocation.All },
		"name too long":       func(e *revocation.Entry) { e.Name = strings.Repeat("x", 256) },
		"name not UTF-8":      func(e *revocation.Entry) { e.Name = "\xff" },
		"reason too long":     func(e *revocation.Entry) { e.Reason = strings.Repeat("x", 256) },
		"reason not UTF-8":    func(e *revocation.Entry) { e.Reason = "\xc3\x28" },
		"no cutoff":           func(e *revocation.Entry) { e.Cutoff = time.Time{} },
		"end before cutoff":   func(e *revocation.Entry) { e.Until = e.Cutoff.Add(-time.Second) },
		"no end":              func(e *revocation.Entry) { e.Until = time.Time{} },
		"name of half a rune": func(e *revocation.Entry) { e.Name = "é"[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			e := entry(revocation.Session, "s")
			change(&e)
			require.Error(t, s.Add(t.Context(), e))
		})
	}
	require.Empty(t, readAll(t, b.Open(t)))
}
