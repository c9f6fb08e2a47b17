package revocation_test

import (
	"encoding/base64"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// sid makes the n-th session id of a sequence that is as random as it has to be here.
func sid(n uint64) string {
	var b [16]byte
	r := rand.NewPCG(n, 1)
	for i := range 2 {
		v := r.Uint64()
		for j := range 8 {
			b[8*i+j] = byte(v >> (8 * j))
		}
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func filled(n int) (revocation.Index, time.Time) {
	at := time.Now()
	x := revocation.NewIndex()
	batch := make([]revocation.Entry, 0, 1000)
	for i := range n {
		batch = append(batch, revocation.Entry{
			Kind: revocation.Session, Name: sid(uint64(i)), Cutoff: at, Until: at.Add(time.Duration(i%(30*24)) * time.Hour),
		})
		if len(batch) == cap(batch) || i == n-1 {
			x.Add(at, batch...)
			batch = batch[:0]
		}
	}
	return x, at
}

// BenchmarkIndex is the whole decision for a live token: nothing refuses it, so every kind is asked.
func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{0, 1_000, 1_000_000, 10_000_000} {
		for _, kinds := range []string{"sessions", "all kinds"} {
			if n == 0 && kinds != "sessions" {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", kinds, n), func(b *testing.B) {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				x, at := filled(n)
				if kinds == "all kinds" {
					old := at.Add(-time.Hour)
					x.Add(at, revocation.Entry{Kind: revocation.All, Cutoff: old, Until: at.Add(time.Hour)})
					for i := range min(n, 1000) {
						for _, kind := range []revocation.Kind{revocation.Group, revocation.Subject, revocation.Key} {
							x.Add(at, revocation.Entry{Kind: kind, Name: fmt.Sprint("old", i), Cutoff: old, Until: at.Add(time.Hour)})
						}
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				asked := make([]revocation.Claims, 1<<16)
				for i := range asked {
					asked[i] = revocation.Claims{
						SessionID: sid(1<<40 + uint64(i)), TokenID: sid(uint64(i))[:16], Subject: fmt.Sprint("user-", i), KeyID: "2026-11",
						Groups: []string{"tenant-7"}, AuthTime: at,
					}
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if x.Refuses(&asked[i&(1<<16-1)]) != "" {
						b.Fatal("refused")
					}
					i++
				}
				entries, bytes := x.Size()
				if entries > 0 {
					b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(entries), "heapB/entry")
					b.ReportMetric(float64(bytes)/float64(entries), "ownB/entry")
				}
			})
		}
	}
}

// BenchmarkIndexAdd is what an entry costs to take in, with what it makes others move.
func BenchmarkIndexAdd(b *testing.B) {
	for _, n := range []int{1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				filled(n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
		})
	}
}

// BenchmarkSubjects is a million users who were signed out everywhere, and a look-up of one who was not.
func BenchmarkSubjects(b *testing.B) {
	const n = 1_000_000
	at := time.Now()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := revocation.NewIndex()
	for i := range n {
		x.Add(at, revocation.Entry{Kind: revocation.Subject, Name: fmt.Sprint("user-", i), Cutoff: at, Until: at.Add(time.Hour)})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	asked := make([]revocation.Claims, 1<<16)
	for i := range asked {
		asked[i] = revocation.Claims{Subject: fmt.Sprint("other-", i), AuthTime: at}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if x.Refuses(&asked[i&(1<<16-1)]) != "" {
			b.Fatal("refused")
		}
		i++
	}
	_, bytes := x.Size()
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heapB/entry")
	b.ReportMetric(float64(bytes)/n, "ownB/entry")
}

// BenchmarkPauses is how long a decision takes at worst while 10,000 entries arrive in a second and others are forgotten.
// The scheduler and the collector stop any goroutine now and then, so for each decision the clock is also read for as long
// as a decision takes, with nothing in between: what is slow there is not the index.
func BenchmarkPauses(b *testing.B) {
	const perMilli, seconds = 10, 10
	for _, n := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, at := filled(n)
			live := make([]string, 1<<16)
			for i := range live {
				live[i] = sid(1<<40 + uint64(i))
			}
			began := time.Now()
			var others sync.WaitGroup
			var done atomic.Bool
			others.Go(func() { // entries arrive
				for i := 0; !done.Load(); time.Sleep(time.Millisecond) {
					for due := int(time.Since(began).Milliseconds()) * perMilli; i < due; i++ {
						x.Add(at, revocation.Entry{Kind: revocation.Session, Name: sid(1<<41 + uint64(i)), Cutoff: at, Until: at.Add(24 * time.Hour)})
					}
				}
			})
			others.Go(func() { // an eighth, and more, is forgotten each time
				for i := 1; !done.Load(); i++ {
					x.Forget(at.Add(time.Duration(i) * 120 * time.Hour))
					time.Sleep(2 * time.Second)
				}
			})
			var checks, nothing spans
			for i := 0; time.Since(began) < seconds*time.Second; i++ {
				t0 := time.Now()
				for range 6 {
					_ = time.Now()
				}
				t1 := time.Now()
				if x.Refuses(&revocation.Claims{SessionID: live[i&(1<<16-1)], AuthTime: at}) != "" {
					b.Fatal("refused")
				}
				checks.add(time.Since(t1))
				nothing.add(t1.Sub(t0))
			}
			done.Store(true)
			others.Wait()
			b.Logf("decisions: %v", &checks)
			b.Logf("nothing:   %v", &nothing)
			b.ReportMetric(float64(checks.slow), "slow-decisions")
			b.ReportMetric(float64(nothing.slow), "slow-nothings")
		})
	}
}

// spans is a histogram of durations by powers of two.
type spans struct {
	of            [64]int
	n, slow       int
	longest, over time.Duration // over is the sum of those that are slow: longer than a millisecond
}

func (s *spans) add(d time.Duration) {
	s.of[bits.Len64(uint64(d))]++
	s.n++
	s.longest = max(s.longest, d)
	if d > time.Millisecond {
		s.slow++
		s.over += d
	}
}

// atMost returns a duration that so large a part of the spans does not exceed, up to a factor of two.
func (s *spans) atMost(part float64) time.Duration {
	seen := 0
	for i, n := range s.of {
		if seen += n; float64(seen) >= part*float64(s.n) {
			return 1 << i
		}
	}
	return s.longest
}

func (s *spans) String() string {
	return fmt.Sprintf("%d, half under %v, 99.9%% under %v, 99.999%% under %v, longest %v; %d longer than a millisecond, %v in all",
		s.n, s.atMost(.5), s.atMost(.999), s.atMost(.99999), s.longest, s.slow, s.over.Round(time.Microsecond))
}
