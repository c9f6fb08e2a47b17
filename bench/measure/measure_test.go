package measure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/measure"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRatiosAreOfWhatTheClockSays uses a clock that only the cases move.
func TestRatiosAreOfWhatTheClockSays(t *testing.T) {
	var now time.Duration
	results := measure.Interleaved(func() time.Duration { return now }, []measure.Case{
		{Name: "short", Run: func() { now += 10 * time.Microsecond }},
		{Name: "long", Run: func() { now += 30 * time.Microsecond }},
	}, 5, time.Millisecond)
	require.InDelta(t, 10_000, results[0].Min(), 0.001)
	require.InDelta(t, 30_000, results[1].Median(), 0.001)
	least, middle := results[1].Over(&results[0])
	require.InDelta(t, 3, least, 0.001)
	require.InDelta(t, 3, middle, 0.001)
}

func TestTheFastestRoundIsNotTheMedian(t *testing.T) {
	var now time.Duration
	n := 0
	results := measure.Interleaved(func() time.Duration { return now }, []measure.Case{
		{Run: func() {
			n++
			now += time.Duration(1+n%1000) * time.Microsecond
		}},
	}, 9, time.Millisecond)
	require.Less(t, results[0].Min(), results[0].Median())
}

func TestAllocationsAreCounted(t *testing.T) {
	var kept []byte
	results := measure.Interleaved(measure.Wall, []measure.Case{
		{Run: func() { kept = make([]byte, 100) }}, {Run: func() { kept = kept[:0] }},
	}, 1, time.Microsecond)
	require.InDelta(t, 1, results[0].Allocs, 0.1)
	require.InDelta(t, 0, results[1].Allocs, 0.1)
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, measure.Median([]float64{3, 1, 2}), 0)
	require.InDelta(t, 2.5, measure.Median([]float64{4, 1, 2, 3}), 0)
}
