package soak_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/soak"
)

func TestMain(m *testing.M) {
	soak.Serve()
	goleak.VerifyTestMain(m)
}

func TestShortRun(t *testing.T) {
	var log, rest bytes.Buffer
	report, err := soak.Run(t.Context(), soak.Options{Requests: 3000, Clients: 4, Log: &log})
	require.NoError(t, err)
	require.NoError(t, report.Verdict(), "%s", &log)

	require.Len(t, report.Samples, 21)
	require.GreaterOrEqual(t, report.Samples[20].Requests, int64(3000))
	require.Equal(t, 22, bytes.Count(log.Bytes(), []byte("\n")))
	require.Len(t, report.Kinds, 14)
	require.ElementsMatch(t, []int{200, 413}, slices.Collect(maps.Keys(report.Statuses)))
	require.Positive(t, report.Samples[20].Heap)
	report.Write(&rest)
	require.Contains(t, rest.String(), soak.Rule)
}

func TestVerdict(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*soak.Report)
		want   string
	}{
		"a server that stays as it was is good":      {func(*soak.Report) {}, ""},
		"a heap that grows at first only is good":    {func(r *soak.Report) { r.Samples[0].Heap = 1 << 10 }, ""},
		"fewer goroutines than before are good":      {func(r *soak.Report) { r.Left = 1 }, ""},
		"a client's fault is not the server's":       {func(r *soak.Report) { r.Statuses[413] = 7 }, ""},
		"one 5xx is bad":                             {func(r *soak.Report) { r.Statuses[503] = 1 }, "1 answers with status 503"},
		"a goroutine that is left is bad":            {func(r *soak.Report) { r.Left = 4 }, "3 goroutines before, and 4 are left"},
		"a hostile cookie that was good is bad":      {func(r *soak.Report) { r.Accepted = []string{"a=b"} }, "such as \"a=b\""},
		"a heap that grows to the end is bad":        {grow, "the heap has grown from 11264 to 12800 KB"},
		"a heap of more and more objects is bad":     {scatter, "the heap has grown from 12000 to 18000 objects"},
		"a map that doubles once is good":            {double, ""},
		"a run that was hardly looked at is too few": {func(r *soak.Report) { r.Samples = r.Samples[:3] }, "too few samples"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &soak.Report{Statuses: map[int]int64{200: 1000}, Left: 3}
			for i := range 21 {
				r.Samples = append(r.Samples, soak.Sample{
					Elapsed: time.Duration(i) * time.Second, Figures: soak.Figures{Heap: 10 << 20, Goroutines: 3},
				})
			}
			row.change(r)
			if row.want == "" {
				require.NoError(t, r.Verdict())
				return
			}
			require.ErrorContains(t, r.Verdict(), row.want)
		})
	}
}

func scatter(r *soak.Report) {
	for i := range r.Samples {
		r.Samples[i].Objects = uint64(i) * 1000
	}
}

func double(r *soak.Report) {
	for i := range r.Samples[15:] {
		r.Samples[15+i].Heap += 300 << 10
	}
}

func grow(r *soak.Report) {
	for i := range r.Samples {
		r.Samples[i].Heap = 8<<20 + uint64(i)<<18
	}
}
