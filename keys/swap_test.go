package keys_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// swapped is a source whose ring anybody may change at any time.
type swapped struct{ atomic.Pointer[keys.Ring] }

func (s *swapped) Ring() *keys.Ring { return s.Load() }

// TestSealingWhileTheRingSwaps : a hundred goroutines seal and open while the ring changes a thousand times. No token is torn
// between two rings, and none is lost.
func TestSealingWhileTheRingSwaps(t *testing.T) {
	const goroutines, swaps = 100, 1000
	now := time.Now()
	rings := []*keys.Ring{rotated(t, nil, now)}
	for range 9 {
		ring := rings[len(rings)-1]
		next, err := ring.Promote(ring.Spare(now).ID(), now)
		require.NoError(t, err)
		rings = append(rings, rotated(t, next, now))
	}
	last := rings[len(rings)-1]
	for i, r := range rings { // each ring knows the keys of all, and another one seals
		for _, k := range last.Keys() {
			if r.Key(k.ID()) == nil {
				spare := mustRing(t, append(rings[i].Keys(), k))
				rings[i] = spare
			}
		}
	}
	source := &swapped{}
	source.Store(rings[0])
	codec, err := token.New(token.Config{Keys: source, Audience: "a"})
	require.NoError(t, err)

	var used sync.Map
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range swaps / goroutines {
				source.Store(rings[(g+i)%len(rings)])
				for range 3 {
					claims := token.Claims{SessionID: "s", AuthTime: time.Now(), Expiry: time.Now().Add(time.Hour), State: []byte("{}")}
					text, err := codec.Seal(&claims)
					if err != nil {
						t.Error(err)
						return
					}
					used.Store(claims.KeyID, true)
					opened, err := codec.Open(text)
					if err != nil || opened.KeyID != claims.KeyID {
						t.Error(err, opened.KeyID, claims.KeyID)
						return
					}
				}
			}
		})
	}
	all.Wait()
	n := 0
	used.Range(func(any, any) bool { n++; return true })
	require.Greater(t, n, 1, "the swaps were seen")
}

func mustRing(t testing.TB, list []*keys.Key) *keys.Ring {
	t.Helper()
	r, err := keys.NewRing(list, keys.Options{})
	require.NoError(t, err)
	return r
}
