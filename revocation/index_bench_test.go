package revocation_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
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
						SessionID: sid(uint64(1<<40 + i)), TokenID: sid(uint64(i))[:16], Subject: fmt.Sprint("user-", i), KeyID: "2026-11",
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
