package revocation_test

import (
	"context"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

const (
	asked  = 1 << 20 // so many different live sessions are asked about, more than a cache holds
	rounds = 40
	each   = 20_000 // look-ups in a round
)

// contender answers whether a session was revoked.
type contender struct {
	name    string
	revoked func(sid string) bool
	each    int // look-ups in a round
	heap    float64

	best float64 // nanoseconds for a look-up, in the best round
	two  float64 // of two goroutines
}

// measure takes turns, and keeps each one's best round: what disturbs the machine disturbs all, and the best least.
func measure(contenders []*contender, live string) {
	for _, c := range contenders {
		c.best, c.two = math.Inf(1), math.Inf(1)
	}
	for round := range rounds {
		for _, c := range contenders {
			c.best = min(c.best, c.time(live, round*each))
			var both sync.WaitGroup
			began := time.Now()
			for g := range 2 {
				both.Go(func() { c.time(live, (round+g*rounds/2)*each) })
			}
			both.Wait()
			c.two = min(c.two, float64(time.Since(began).Nanoseconds())/float64(2*c.each))
		}
	}
}

func (c *contender) time(live string, from int) float64 {
	began := time.Now()
	for i := range c.each {
		if c.revoked(at(live, (from+i)%asked)) {
			panic("a live session is refused")
		}
	}
	return float64(time.Since(began).Nanoseconds()) / float64(c.each)
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkSideBySide prints what the whole decision of a List for a live session costs, as ratios to what one look-up costs
// elsewhere.
func BenchmarkSideBySide(b *testing.B) {
	n := entries()
	revoked, live := sids(1, n), sids(2, asked)
	now := time.Now()
	groups := []string{"tenant-7"}
	decide := func(list *revocation.List) func(string) bool {
		return func(sid string) bool {
			return list.Check(context.Background(), revocation.Claims{
				SessionID: sid, TokenID: sid[:16], Subject: sid[:8], KeyID: "2026-11", Groups: groups, AuthTime: now,
			}) != nil
		}
	}
	before := heap()
	index, loading := follow(b, &generated{sids: revoked, since: now}, revocation.Allow)
	ours := &contender{name: "List, without the clock", revoked: decide(index), each: each, heap: heap() - before}
	fenced := follow2(b, &generated{sids: revoked[:sidLen], since: now})
	clock := &contender{name: "List of one entry, with the clock", revoked: decide(fenced), each: each}
	b.Logf("%d entries loaded in %v", n, loading.Round(time.Millisecond))
	b.ReportMetric(loading.Seconds(), "s-to-load")
	b.ReportMetric(ours.heap/float64(n), "B/entry")

	for _, build := range []func() *contender{
		func() *contender {
			m := byteMap{m: make(map[[16]byte]int64)}
			for i := range n {
				m.m[keyOf(at(revoked, i))] = int64(i)
			}
			return &contender{name: "map of 16 bytes, RWMutex", each: each, revoked: func(sid string) bool {
				k := keyOf(sid)
				m.mu.RLock()
				_, found := m.m[k]
				m.mu.RUnlock()
				return found
			}}
		},
		func() *contender {
			m := stringMap{m: make(map[string]int64)}
			for i := range n {
				m.m[strings.Clone(at(revoked, i))] = int64(i)
			}
			return &contender{name: "map of strings, RWMutex", each: each, revoked: func(sid string) bool {
				m.mu.RLock()
				_, found := m.m[sid]
				m.mu.RUnlock()
				return found
			}}
		},
		func() *contender {
			var m sync.Map
			for i := range n {
				m.Store(keyOf(at(revoked, i)), int64(i))
			}
			return &contender{name: "sync.Map of 16 bytes", each: each, revoked: func(sid string) bool {
				_, found := m.Load(keyOf(sid))
				return found
			}}
		},
		func() *contender {
			r := startRedis(b)
			if r == nil {
				b.Log("no redis-server here: left out")
				return nil
			}
			var one sync.Mutex
			return &contender{name: "Redis EXISTS", each: 100, revoked: func(sid string) bool {
				one.Lock()
				defer one.Unlock()
				return r.exists(sid)
			}}
		},
	} {
		before := heap()
		other := build()
		if other == nil {
			continue
		}
		other.heap = heap() - before
		measure([]*contender{ours, other, clock}, live)
		b.Logf("%-26s %8.1f ns, %5.1f B/entry, two cores ×%.2f | List %6.1f ns, two cores ×%.2f, clock and empty %.1f ns | List costs %.3f of it",
			other.name, other.best, other.heap/float64(n), other.best/other.two, ours.best, ours.best/ours.two, clock.best, ours.best/other.best)
		b.ReportMetric(ours.best/other.best, strings.ReplaceAll(strings.TrimSuffix(other.name, ", RWMutex"), " ", "-")+"-ratio")
	}
	runtime.KeepAlive(index)
}

func follow2(b *testing.B, store revocation.Store) *revocation.List {
	list, _ := follow(b, store, revocation.Refuse)
	return list
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
		case <-store.done:
			arrived = true
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
