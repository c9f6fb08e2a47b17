package revocation_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar/revocation"
)

// model is the index as plain maps would have it: what must be known, and what may be. An entry that has ended may be
// forgotten or not, and so may its part of what is merged with it later.
type model struct {
	must, may map[revocation.Name]revocation.Entry
}

func newModel() model {
	return model{make(map[revocation.Name]revocation.Entry), make(map[revocation.Name]revocation.Entry)}
}

func (m model) add(e revocation.Entry, latest time.Time) {
	name := revocation.Name{Kind: e.Kind, Name: e.Name}
	if have, ok := m.may[name]; ok {
		m.may[name] = have.Merge(e)
	} else {
		m.may[name] = e
	}
	switch have, ok := m.must[name]; {
	case !ok || have.Until.Before(latest):
		m.must[name] = e
	case !e.Until.Before(latest):
		m.must[name] = have.Merge(e)
	}
}

func (m model) refuses(c revocation.Claims, now time.Time) (must, may bool) {
	names := []revocation.Name{
		{Kind: revocation.All},
		{Kind: revocation.Session, Name: c.SessionID},
		{Kind: revocation.Session, Name: c.Origin},
		{Kind: revocation.Renewed, Name: c.SessionID},
		{Kind: revocation.Token, Name: c.TokenID},
		{Kind: revocation.Subject, Name: c.Subject},
		{Kind: revocation.Key, Name: c.KeyID},
	}
	for _, g := range c.Groups {
		names = append(names, revocation.Name{Kind: revocation.Group, Name: g})
	}
	for _, name := range names {
		e, known := m.must[name]
		must = must || known && e.Refuses(c.AuthTime) && !e.Until.Before(now)
		e, known = m.may[name]
		may = may || known && e.Refuses(c.AuthTime)
	}
	return must, may
}

// names of all forms, and near misses of each other.
func nameGen() *rapid.Generator[string] {
	near := sid(7)
	return rapid.OneOf(
		rapid.Map(rapid.Uint64Range(0, 30), sid),
		rapid.Map(rapid.Uint64Range(0, 30), func(n uint64) string { return sid(n)[:16] }),
		rapid.SampledFrom([]string{
			near, near[:21], near + "A", near[:21] + "_", near[:20] + "=A", near[:16], near[:15] + ".", "AAAAAAAAAAAAAAAAAAAAAA",
			"AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "", "a", "A", "a ",
		}),
	)
}

func TestIndexIsAPlainMap(t *testing.T) {
	kinds := []revocation.Kind{revocation.Session, revocation.Renewed, revocation.Token, revocation.Subject, revocation.Group, revocation.Key, revocation.All}
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMilli(1_700_000_000_000)
		latest := now
		x, m := revocation.NewIndex(), newModel()
		names := nameGen()
		minutes := func(label string, least, most int) time.Duration {
			return time.Duration(rapid.IntRange(least, most).Draw(t, label)) * time.Minute
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1, 2:
				e := revocation.Entry{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Cutoff: now.Add(minutes("cutoff", -90, 30)), Reason: "r"}
				e.Until = e.Cutoff.Add(minutes("until", 0, 200))
				if rapid.IntRange(0, 20).Draw(t, "far") == 0 {
					e.Until = e.Until.Add(5 * 365 * 24 * time.Hour)
				}
				if e.Kind != revocation.All {
					if e.Name = names.Draw(t, "name"); e.Name == "" {
						e.Name = "x"
					}
				}
				x.Add(now, e)
				m.add(e, latest)
			case 3:
				now = now.Add(minutes("passes", -20, 120)) // clocks are set back, too
				if latest = later(latest, now); now.Before(latest.Add(-time.Hour)) {
					now = latest.Add(-time.Hour)
				}
			case 4:
				x.Forget(now)
			case 5: // many at a time, so that bases are made
				for i := range uint64(rapid.IntRange(0, 4000).Draw(t, "burst")) {
					e := revocation.Entry{Kind: revocation.Session, Name: sid(100 + i%3000), Cutoff: now, Until: now.Add(time.Duration(i%120) * time.Minute)}
					x.Add(now, e)
					m.add(e, latest)
				}
			}
			for range 5 {
				c := revocation.Claims{
					SessionID: names.Draw(t, "sid"), TokenID: names.Draw(t, "jti"), Subject: names.Draw(t, "sub"),
					KeyID: names.Draw(t, "kid"), AuthTime: now.Add(minutes("signed in", -100, 10)),
				}
				if rapid.Bool().Draw(t, "renewed") {
					c.Origin = names.Draw(t, "origin")
				}
				if rapid.Bool().Draw(t, "from the burst") {
					c.SessionID = sid(uint64(rapid.IntRange(100, 3100).Draw(t, "n")))
				}
				if g := names.Draw(t, "group"); g != "" {
					c.Groups = []string{g, "other"}
				}
				got := x.Refuses(&c) != ""
				must, may := m.refuses(c, now)
				require.False(t, must && !got, "must be refused: %+v", c)
				require.False(t, got && !may, "must be allowed: %+v", c)
			}
		}
		now = now.Add(20 * 365 * 24 * time.Hour)
		for range 2 {
			x.Forget(now)
		}
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A shard that is built, merged, filled and emptied many times holds what it should, and each id comes back as it went in.
func TestIndexOfManyIDs(t *testing.T) {
	now := time.Now()
	x := revocation.NewIndex()
	const n = 400_000
	for i := range uint64(n) {
		x.Add(now, revocation.Entry{Kind: revocation.Session, Name: sid(i), Cutoff: now, Until: now.Add(time.Duration(1+i%48) * time.Hour)})
		if i%2 == 0 {
			x.Add(now, revocation.Entry{Kind: revocation.Token, Name: sid(i)[:16], Cutoff: now, Until: now.Add(time.Hour)})
		}
	}
	entries, bytes := x.Size()
	require.EqualValues(t, n*3/2, entries)
	require.Less(t, float64(bytes)/float64(entries), 28.0) // 19 for more
	for i := range uint64(n) {
		require.Equal(t, revocation.Session, x.Refuses(&revocation.Claims{SessionID: sid(i)}))
		require.Equal(t, i%2 == 0, x.Refuses(&revocation.Claims{TokenID: sid(i)[:16]}) != "")
	}
	for i := range uint64(n) {
		require.Empty(t, x.Refuses(&revocation.Claims{SessionID: sid(n + i), TokenID: sid(n + i)[:16], Subject: "s"}), "false refusal")
	}
	seen := map[string]bool{}
	x.Each(now, func(e revocation.Entry) { seen[string(e.Kind)+e.Name] = true })
	require.Len(t, seen, n*3/2)
	for i := range uint64(n) {
		require.True(t, seen["session"+sid(i)])
	}

	// Adding all again changes nothing.
	for i := range uint64(n) {
		x.Add(now, revocation.Entry{Kind: revocation.Session, Name: sid(i), Cutoff: now, Until: now.Add(time.Duration(1+i%48) * time.Hour)})
	}
	again, bytesAgain := x.Size()
	require.Equal(t, entries, again)
	require.Equal(t, bytes, bytesAgain)

	// A day later half of the sessions are left, and two days later nothing.
	now = now.Add(25 * time.Hour)
	x.Forget(now.Add(time.Hour))
	left, leftBytes := x.Size()
	require.Less(t, left, int64(n*6/10))
	require.Less(t, leftBytes, bytes/2)
	for i := range uint64(n) {
		if i%48 >= 25 {
			require.Equal(t, revocation.Session, x.Refuses(&revocation.Claims{SessionID: sid(i)}))
		}
	}
	x.Forget(now.Add(25 * time.Hour))
	left, leftBytes = x.Size()
	require.Zero(t, left)
	require.Zero(t, leftBytes)
	require.Empty(t, x.Refuses(&revocation.Claims{SessionID: sid(47)}))
}

// Ids that begin alike share one bucket, however many there are, and the filter lets all pass that begin so. They cost a
// binary search, and not a look at all of them for each that is asked about or added.
func TestIDsThatBeginAlike(t *testing.T) {
	require.True(t, revocation.SearchEnds())
	now := time.Now()
	x := revocation.NewIndex()
	alike := func(n uint64) string { return sid(1)[:8] + sid(n)[8:] }
	const n = 30_000
	for i := range uint64(n) {
		x.Add(now, revocation.Entry{Kind: revocation.Session, Name: alike(i), Cutoff: now, Until: now.Add(time.Hour)})
	}
	for i := range uint64(n) {
		require.Equal(t, revocation.Session, x.Refuses(&revocation.Claims{SessionID: alike(i)}))
		require.Empty(t, x.Refuses(&revocation.Claims{SessionID: alike(n + i)}))
	}
}

// Ids that end alike, as those of a counter or with the name of a machine in them, go to different slots of a delta, and
// so do those that begin alike.
func TestIDsThatAreAlikeAreSpread(t *testing.T) {
	now := time.Now()
	for form, alike := range map[string]func(n uint64) string{
		"not alike":   sid,
		"end alike":   func(n uint64) string { return sid(n)[:11] + sid(1)[11:] },
		"begin alike": func(n uint64) string { return sid(1)[:11] + sid(n)[11:] },
	} {
		x := revocation.NewIndex()
		n := uint64(100_000) // of 256 deltas, each of 1024 slots
		if form == "begin alike" {
			n = 700
		}
		for i := range n {
			x.Add(now, revocation.Entry{Kind: revocation.Session, Name: alike(i), Cutoff: now, Until: now.Add(time.Hour)})
		}
		steps := uint64(0)
		for i := range n {
			steps += x.Steps(alike(i))
		}
		require.Less(t, steps, 4*n, form)
	}
}

// Of live sessions the filter lets few pass, however many are revoked and however full a delta is, and of the others all.
func TestFilterLetsFewPass(t *testing.T) {
	now := time.Now()
	x := revocation.NewIndex()
	revoked := uint64(0)
	for _, n := range []uint64{100, 1_000, 30_000, 200_000, 300_000, 400_000} {
		for ; revoked < n; revoked++ {
			x.Add(now, revocation.Entry{Kind: revocation.Session, Name: sid(revoked), Cutoff: now, Until: now.Add(time.Hour)})
		}
		for i := range revoked {
			require.True(t, x.Passes(sid(i)))
		}
		const asked = 50_000
		passed := 0
		for i := range uint64(asked) {
			if x.Passes(sid(1<<40 + i)) {
				passed++
			}
		}
		require.Less(t, passed, asked*3/100, "%d revoked", n)
	}
}

// What was revoked is refused from the moment on at which the call has returned, for every reader, while others revoke, merge
// and forget; and nothing else ever is.
func TestIndexUnderRace(t *testing.T) {
	const goroutines, each = 100, 300
	now := time.Now()
	x := revocation.NewIndex()
	var written [goroutines]atomic.Int64
	var writing, forgetting sync.WaitGroup
	name := func(g, i int) uint64 { return uint64(g)<<32 | uint64(i) }
	for g := range goroutines {
		writing.Go(func() {
			for i := range each {
				e := revocation.Entry{Kind: revocation.Session, Name: sid(name(g, i)), Cutoff: now, Until: now.Add(2 * time.Hour)}
				other := revocation.Entry{Kind: revocation.Subject, Name: fmt.Sprint("s", g, ".", i), Cutoff: now, Until: now.Add(2 * time.Hour)}
				dying := revocation.Entry{Kind: revocation.Session, Name: sid(name(g, i) | 1<<60), Cutoff: now, Until: now.Add(time.Minute)}
				x.Add(now, e, other, dying)
				written[g].Store(int64(i + 1))

				of := rand.IntN(goroutines)
				if n := written[of].Load(); n > 0 {
					known := rand.IntN(int(n))
					if x.Refuses(&revocation.Claims{SessionID: sid(name(of, known))}) != revocation.Session ||
						x.Refuses(&revocation.Claims{Subject: fmt.Sprint("s", of, ".", known), AuthTime: now}) != revocation.Subject {
						t.Errorf("%d of %d was revoked and is allowed", known, of)
					}
				}
				live := name(of, i) | 1<<61
				if x.Refuses(&revocation.Claims{SessionID: sid(live), Subject: fmt.Sprint("t", live), AuthTime: now}) != "" {
					t.Errorf("%d is refused", live)
				}
			}
		})
	}
	var done atomic.Bool
	forgetting.Go(func() {
		for !done.Load() {
			x.Forget(now.Add(110 * time.Minute)) // the dying may go, the others must stay
			runtime.Gosched()
		}
	})
	writing.Wait()
	done.Store(true)
	forgetting.Wait()
	for g := range goroutines {
		require.Equal(t, revocation.Session, x.Refuses(&revocation.Claims{SessionID: sid(name(g, each-1))}))
	}
}

// Two names are one only if they are the same bytes, whatever form they have.
func FuzzIndexNames(f *testing.F) {
	for _, s := range []string{sid(1), sid(1)[:16], sid(1)[:21] + "B", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA", "x", "\x00", "é", "AAAAAAAAAAAAAAAAAAAAA="} {
		f.Add(s, s+" ")
		f.Add(s, sid(2))
	}
	now := time.Now()
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, kind := range []revocation.Kind{revocation.Session, revocation.Renewed, revocation.Token, revocation.Subject} {
			e := revocation.Entry{Kind: kind, Name: a, Cutoff: now, Until: now.Add(time.Hour)}
			if e.Check() != nil {
				continue
			}
			x := revocation.NewIndex()
			x.Add(now, e)
			asked := map[revocation.Kind]func(string) revocation.Claims{
				revocation.Session: func(s string) revocation.Claims { return revocation.Claims{SessionID: s} },
				revocation.Token:   func(s string) revocation.Claims { return revocation.Claims{TokenID: s} },
				revocation.Subject: func(s string) revocation.Claims { return revocation.Claims{Subject: s} },
			}
			for as, claims := range asked {
				ca, cb := claims(a), claims(b)
				hit := as == kind || as == revocation.Session && kind == revocation.Renewed
				require.Equal(t, hit, x.Refuses(&ca) != "")
				require.Equal(t, hit && a == b, x.Refuses(&cb) != "")
			}
			x.Each(now, func(got revocation.Entry) { require.Equal(t, a, got.Name) })
		}
	})
}

// A decision makes no garbage, whatever it finds.
func TestIndexAllocatesNothing(t *testing.T) {
	x, at := filled(10_000)
	for _, kind := range []revocation.Kind{revocation.Subject, revocation.Group, revocation.Key} {
		x.Add(at, revocation.Entry{Kind: kind, Name: "n", Cutoff: at.Add(-time.Hour), Until: at.Add(time.Hour)})
	}
	c := revocation.Claims{SessionID: sid(1 << 40), TokenID: sid(1)[:16], Subject: "n", KeyID: "n", Groups: []string{"n", "m"}, AuthTime: at}
	hit := revocation.Claims{SessionID: sid(1)}
	require.Zero(t, testing.AllocsPerRun(100, func() { x.Refuses(&c); x.Refuses(&hit) }))
}

func TestSIDsOfTheTestsHaveTheLibrarysForm(t *testing.T) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(sid(1))
	require.NoError(t, err)
	require.Len(t, b, 16)
}

// Names go everywhere, however alike they are: of those that nobody has signed out the filter lets few pass. A secret decides
// where they go, and with one in many thousand more pass: so one alone does not fail the test.
func TestNamesAreSpread(t *testing.T) {
	const n = 20_000
	now := time.Now()
	few := func(form string) bool {
		x := revocation.NewIndex()
		for i := range n {
			x.Add(now, revocation.Entry{Kind: revocation.Subject, Name: fmt.Sprintf(form, i), Cutoff: now, Until: now.Add(time.Hour)})
		}
		passed := 0
		for i := range 2 * n {
			passes := x.SubjectPasses(fmt.Sprintf(form, i))
			require.True(t, passes || i >= n, "known: "+form, i)
			if i >= n && passes {
				passed++
			}
		}
		return passed < n*4/100
	}
	for _, form := range []string{"%d", "u%d", "user-%d", "%08d", "%016d", "00000000%08x", "%08x00000000", "user-%d@example.org", "a-long-name-of-a-user-%d"} {
		if !few(form) {
			require.True(t, few(form), form)
			require.True(t, few(form), form)
		}
	}
}
