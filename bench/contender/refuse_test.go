package contender_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/bench/contender"
)

// BenchmarkRefuse compares what sealjar spends on a token that it refuses with one that it accepts, of 340 bytes of data.
func BenchmarkRefuse(b *testing.B) {
	payload := contender.Payloads()[1]
	for _, c := range contender.All() {
		if c.Name != "sealjar" {
			continue
		}
		good, err := c.Seal(payload)
		require.NoError(b, err)
		tampered := []byte(good)
		tampered[len(tampered)/2] ^= 1
		for _, row := range []struct{ name, token string }{
			{"accepted", good},
			{"tampered", string(tampered)},
			{"truncated", good[:len(good)-40]},
			{"unknown kid", "A" + good[1:]},
			{"32 MiB", good + strings.Repeat("A", 32<<20)},
		} {
			b.Run(row.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, err = c.Open(row.token)
				}
				require.Equal(b, row.name == "accepted", err == nil)
			})
		}
	}
}
