package spill_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/loopback"
	"github.com/sealjar/sealjar/bench/measure"
	"github.com/sealjar/sealjar/bench/spill"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func cases(t testing.TB) []measure.Case {
	socket, stopDB, err := loopback.MariaDB()
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(stopDB)
	all, stop, err := spill.Cases(t.Context(), socket, contender.Payloads()[1])
	require.NoError(t, err)
	t.Cleanup(stop)
	return all
}

func TestEachCaseRuns(t *testing.T) {
	for _, c := range cases(t) {
		for range 300 {
			c.Run()
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, c := range cases(b) {
		b.Run(c.Name, func(b *testing.B) {
			for b.Loop() {
				c.Run()
			}
		})
	}
}
