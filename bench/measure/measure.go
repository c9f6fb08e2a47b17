// Package measure times functions side by side in one process, in interleaved rounds, so that what disturbs the machine
// disturbs all of them, and what is compared is never two different minutes.
package measure

import (
	"runtime"
	"slices"
	"time"
)

// Case is one thing to time.
type Case struct {
	Name string
	Run  func()
}

// Result is what a case took.
type Result struct {
	Name   string
	ns     []float64 // of one run, a round each
	Allocs float64   // per run
}

// Clock tells the time since some moment. Processor time would be less disturbed by other processes, but is told too
// roughly: on a virtual machine some rounds seem to take less than they can.
type Clock func() time.Duration

var begin = time.Now()

// Wall is the time on the wall.
func Wall() time.Duration { return time.Since(begin) }

// Interleaved runs each case for about slice in each of so many rounds, and changes the order from round to round.
func Interleaved(clock Clock, cases []Case, rounds int, slice time.Duration) []Result {
	results := make([]Result, len(cases))
	counts := make([]int, len(cases))
	for i, c := range cases {
		counts[i] = runsIn(clock, c.Run, slice)
		results[i] = Result{Name: c.Name, Allocs: allocations(c.Run)}
	}
	order := make([]int, len(cases))
	for i := range order {
		order[i] = i
	}
	for round := range rounds {
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, i := range order {
			start := clock()
			for range counts[i] {
				cases[i].Run()
			}
			results[i].ns = append(results[i].ns, float64(clock()-start)/float64(counts[i]))
		}
		first := order[0]
		order = append(order[1:], first)
	}
	return results
}

// runsIn is how many runs fill a slice of time, after a warm-up.
func runsIn(clock Clock, run func(), slice time.Duration) int {
	for n := 1; ; n *= 2 {
		start := clock()
		for range n {
			run()
		}
		if took := clock() - start; took > slice/4 || n > 1<<24 {
			return max(1, int(float64(n)*float64(slice)/float64(max(took, 1))))
		}
	}
}

// allocations is testing.AllocsPerRun without its truncation to whole numbers.
func allocations(run func()) float64 {
	const runs = 1000
	run()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / runs
}

// Min is the fastest round, in nanoseconds a run.
func (r *Result) Min() float64 { return slices.Min(r.ns) }

// Median is the middle round, in nanoseconds a run.
func (r *Result) Median() float64 { return Median(r.ns) }

// Over is how many times as long as other r took: by the fastest round of each, and by the median of the ratios within
// each round.
func (r *Result) Over(other *Result) (least, middle float64) {
	ratios := make([]float64, len(r.ns))
	for i := range ratios {
		ratios[i] = r.ns[i] / other.ns[i]
	}
	return r.Min() / other.Min(), Median(ratios)
}

// Median is the middle one of values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}
