package contender_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/bench/contender"
)

// TestContendersKeepTheState makes sure that what is measured is the same work.
func TestContendersKeepTheState(t *testing.T) {
	for _, c := range contender.All() {
		for _, p := range contender.Payloads() {
			t.Run(c.Name+"/"+p.Name, func(t *testing.T) {
				token, err := c.Seal(p)
				require.NoError(t, err)
				got, err := c.Open(token)
				require.NoError(t, err)
				if c.Decodes {
					require.Equal(t, p.State, got.State)
				} else {
					require.JSONEq(t, string(p.JSON), string(got.JSON))
				}
				broken := []byte(token)
				broken[len(broken)/2] ^= 1
				_, err = c.Open(string(broken))
				require.Error(t, err)
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, p := range contender.Payloads() {
		for _, c := range contender.All() {
			b.Run(p.Name+"/"+c.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = c.Seal(p)
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, p := range contender.Payloads() {
		for _, c := range contender.All() {
			b.Run(p.Name+"/"+c.Name, func(b *testing.B) {
				token, err := c.Seal(p)
				require.NoError(b, err)
				b.ReportAllocs()
				for b.Loop() {
					_, _ = c.Open(token)
				}
			})
		}
	}
}
