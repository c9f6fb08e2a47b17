package revocation_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

const (
	asked  = 1 << 20 // so many different live sessions are asked about, more than a cache holds
	rounds = 100
	each   = 5_000 // look-ups in a round: short, so that some rounds go undisturbed
)

// contender answers whether a live session was revoked.
type contender struct {
	name string
	// ask gets ready for a round of n questions from a session on, and returns what asks about the i-th of them. What a peer is
	// asked by is there already: a key, an id's text, or the claims, since a processor can't look ahead of
	// claims that are put together field by field and then copied as a whole.
	ask  func(from, n int) (revoked func(i int) bool)
	each int // look-ups in a round
	heap float64

	one, two []float64 // nanoseconds for a look-up, in each round; with two goroutines
}

// measure takes turns, so that what disturbs the machine disturbs all. What it disturbs least are the best rounds.
func measure(contenders ...*contender) {
	for _, c := range contenders {
		c.one, c.two = nil, nil
	}
	for round := range rounds {
		for _, c := range contenders {
			c.one = append(c.one, c.time(round*each))
			c.two = append(c.two, c.timeTwo(round*each, (round+rounds/2)*each))
		}
	}
	for _, c := range contenders {
		slices.Sort(c.one)
		slices.Sort(c.two)
	}
}

func (c *contender) time(from int) float64 {
	revoked := c.ask(from%asked, c.each)
	began := time.Now()
	c.run(revoked)
	return float64(time.Since(began).Nanoseconds()) / float64(c.each)
}

func (c *contender) run(revoked func(int) bool) {
	for i := range c.each {
		if revoked(i) {
			panic("a live session is refused")
		}
	}
}

// timeTwo has two goroutines look up at the same time, and begins when both run: waking a core takes as long as a thousand
// look-ups.
func (c *contender) timeTwo(from ...int) float64 {
	var ready atomic.Int32
	var ended [2]time.Time
	var began time.Time
	var both sync.WaitGroup
	for g := range 2 {
		both.Go(func() {
			revoked := c.ask(from[g]%asked, c.each)
			if ready.Add(1) == 2 {
				began = time.Now()
				ready.Add(1)
			}
			for ready.Load() < 3 {
			}
			c.run(revoked)
			ended[g] = time.Now()
		})
	}
	both.Wait()
	last := ended[0]
	if ended[1].After(last) {
		last = ended[1]
	}
	return float64(last.Sub(began).Nanoseconds()) / float64(2*c.each)
}

func (c *contender) best() float64   { return c.one[0] }
func (c *contender) median() float64 { return c.one[len(c.one)/2] }
func (c *contender) scales() float64 { return c.one[0] / c.two[0] }

// row is a line of the table in Markdown. ours was measured in the same rounds.
func (c *contender) row(n int, ours *contender) string {
	bytes := "–"
	if perEntry := c.heap / float64(n); perEntry >= 1 {
		bytes = fmt.Sprintf("%.1f", perEntry)
	}
	return fmt.Sprintf("| %s | %.1f | %.1f | ×%.2f | %s | %.3f | %.3f |\n", c.name, c.best(), c.median(), c.scales(), bytes,
		ours.best()/c.best(), ours.median()/c.median())
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

type checker interface {
	Check(context.Context, revocation.Claims) error
}

// nobody is revoked. What asking it costs is the benchmark's own.
type nobody struct{}

func (nobody) Check(context.Context, revocation.Claims) error { return nil }

// BenchmarkSideBySide prints what the whole decision of a List for a live session costs, as ratios to what one look-up costs
// elsewhere. The maps of 16 bytes are given their keys; the List reads the session id's text.
func BenchmarkSideBySide(b *testing.B) {
	n := entries()
	revoked, live := sids(1, n), sids(2, asked+each)
	keys := make([][16]byte, asked+each)
	for i := range keys {
		keys[i] = keyOf(at(live, i))
	}
	now := time.Now()
	groups := []string{"tenant-7"}
	decideAt := func(list checker, clock func() time.Time) func(from, n int) func(int) bool {
		return func(from, n int) func(int) bool {
			asked, claims := clock(), make([]revocation.Claims, n)
			for i := range claims {
				sid := at(live, from+i)
				claims[i] = revocation.Claims{
					SessionID: sid, TokenID: sid[:16], Subject: sid[:8], KeyID: "2026-11", Groups: groups, AuthTime: now,
					Asked: asked,
				}
			}
			return func(i int) bool { return list.Check(context.Background(), claims[i]) != nil }
		}
	}
	decide := func(list checker) func(from, n int) func(int) bool { return decideAt(list, time.Now) }
	untimed := func(list checker) func(from, n int) func(int) bool {
		return decideAt(list, func() time.Time { return time.Time{} })
	}
	// lookUp asks what needs no preparation.
	lookUp := func(revoked func(i int) bool) func(from, n int) func(int) bool {
		return func(from, _ int) func(int) bool { return func(i int) bool { return revoked(from + i) } }
	}
	before := heap()
	index, loading := follow(b, &generated{sids: revoked, since: now}, revocation.Refuse)
	ours := &contender{name: "List, Refuse", ask: decide(index), each: each, heap: heap() - before}
	fmt.Printf("\n%d entries, loaded in %.1f s\n\n| | best, ns | median, ns | two cores | bytes an entry | List costs, best | median |\n|"+
		"---|---|---|---|---|---|---|\n", n, loading.Seconds())
	add := func(c *contender) {
		measure(ours, c)
		fmt.Print(c.row(n, ours))
		b.ReportMetric(ours.best()/c.best(), strings.NewReplacer(" ", "-", ",", "", ":", "").Replace(c.name)+"-ratio")
	}
	measure(ours)
	fmt.Print(ours.row(n, ours))
	b.ReportMetric(loading.Seconds(), "s-to-load")
	b.ReportMetric(ours.heap/float64(n), "B/entry")

	for _, build := range []func() *contender{
		func() *contender {
			m := byteMap{m: make(map[[16]byte]int64)}
			for i := range n {
				m.m[keyOf(at(revoked, i))] = int64(i)
			}
			return &contender{name: "map of 16 bytes, RWMutex", each: each, ask: lookUp(func(i int) bool {
				m.mu.RLock()
				_, found := m.m[keys[i]]
				m.mu.RUnlock()
				return found
			})}
		},
		func() *contender {
			m := stringMap{m: make(map[string]int64)}
			for i := range n {
				m.m[strings.Clone(at(revoked, i))] = int64(i)
			}
			return &contender{name: "map of strings, RWMutex", each: each, ask: lookUp(func(i int) bool {
				m.mu.RLock()
				_, found := m.m[at(live, i)]
				m.mu.RUnlock()
				return found
			})}
		},
		func() *contender {
			var m sync.Map
			for i := range n {
				m.Store(keyOf(at(revoked, i)), int64(i))
			}
			return &contender{name: "sync.Map of 16 bytes", each: each, ask: lookUp(func(i int) bool {
				_, found := m.Load(keys[i])
				return found
			})}
		},
		func() *contender {
			r := startRedis(b)
			if r == nil {
				b.Log("no redis-server here: left out")
				return nil
			}
			var one sync.Mutex
			return &contender{name: "Redis EXISTS on loopback", each: 50, ask: lookUp(func(i int) bool {
				one.Lock()
				defer one.Unlock()
				return r.exists(at(live, i))
			})}
		},
	} {
		before := heap()
		other := build()
		if other == nil {
			continue
		}
		other.heap = heap() - before
		add(other)
	}
	add(&contender{name: "List, Refuse, not told the time", ask: untimed(index), each: each})
	emptyAllow, _ := follow(b, &revocation.Memory{}, revocation.Allow)
	emptyRefuse, _ := follow(b, &revocation.Memory{}, revocation.Refuse)
	add(&contender{name: "empty List, Allow", ask: decide(emptyAllow), each: each})
	add(&contender{name: "empty List, Refuse", ask: decide(emptyRefuse), each: each})
	add(&contender{name: "empty List, Refuse, not told the time", ask: untimed(emptyRefuse), each: each})
	add(&contender{name: "empty Memory", ask: decide(&revocation.Memory{}), each: each})
	add(&contender{name: "a call that decides nothing", ask: decide(nobody{}), each: each})
	add(&contender{name: "the clock alone", ask: lookUp(func(int) bool { return time.Since(now) < 0 }), each: each})
	fmt.Println()
	runtime.KeepAlive(index)
}

// BenchmarkFalseRefusals asks about 10 million sessions that nobody has revoked, and none is refused.
func BenchmarkFalseRefusals(b *testing.B) {
	const probes = 10_000_000
	n, now := entries(), time.Now()
	list, _ := follow(b, &generated{sids: sids(1, n), since: now}, revocation.Allow)
	live := sids(4, probes)
	refused := 0
	for b.Loop() {
		for i := range probes {
			if list.Check(context.Background(), revocation.Claims{SessionID: at(live, i), AuthTime: now}) != nil {
				refused++
			}
		}
	}
	require.Zero(b, refused)
	b.ReportMetric(float64(refused), "false-refusals")
}

// BenchmarkBurst is a million revocations that arrive at once, at a list that has all the others.
func BenchmarkBurst(b *testing.B) {
	n := entries()
	now := time.Now()
	const burst = 1_000_000
	store := &bursting{generated: generated{sids: sids(1, n), since: now}, more: sids(3, burst), now: make(chan struct{}), done: make(chan struct{})}
	list, _ := follow(b, store, revocation.Refuse)
	live := sids(2, asked)
	began := time.Now()
	close(store.now)
	var longest, floor time.Duration
	checks := 0
	for arrived := false; !arrived; checks++ {
		select {
		case <-store.done: // the last page is on its way into the list
			arrived = list.Status().Entries >= int64(n+burst+3001)
			require.Less(b, time.Since(began), time.Minute)
		default:
		}
		t0 := time.Now()
		t1 := time.Now()
		_ = list.Check(context.Background(), revocation.Claims{SessionID: at(live, checks%asked), AuthTime: now})
		floor, longest = max(floor, t1.Sub(t0)), max(longest, time.Since(t1))
	}
	took := time.Since(began)
	require.EqualValues(b, n+burst+3001, list.Status().Entries)
	b.Logf("%d entries on top of %d applied in %v; meanwhile %d checks, the longest %v, the longest of nothing %v",
		burst, n, took.Round(time.Millisecond), checks, longest, floor)
	b.ReportMetric(took.Seconds(), "s-for-a-million")
	b.ReportMetric(float64(longest.Microseconds()), "µs-longest-check")
}

// bursting is a store to which a lot comes when it is told so.
type bursting struct {
	generated
	more string
	now  chan struct{}
	done chan struct{}
}

func (s *bursting) Wait(ctx context.Context, after revocation.Cursor) error {
	if after != "end" {
		return s.generated.Wait(ctx, after)
	}
	select {
	case <-s.now:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (s *bursting) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	select {
	case <-s.now:
	default:
		return s.generated.Read(ctx, after, apply)
	}
	if after != "end" {
		return after, nil
	}
	batch := make([]revocation.Entry, 0, revocation.MaxBatch)
	for i := range len(s.more) / sidLen {
		batch = append(batch, revocation.Entry{
			Kind: revocation.Session, Name: at(s.more, i), Cutoff: s.since, Until: s.since.Add(time.Duration(1+i%720) * time.Hour),
		})
		if len(batch) == cap(batch) {
			if err := apply(batch); err != nil {
				return "", err
			}
			batch = batch[:0]
		}
	}
	defer close(s.done)
	return "later", apply(batch)
}
