package soak

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Report is what there was to see.
type Report struct {
	Samples  []Sample
	Statuses map[int]int64    // how many answers had each status
	Kinds    map[string]int64 // how many requests there were of each kind
	Accepted []string         // hostile cookies for which the server took somebody for signed in: the first few
	Left     int              // goroutines of the server after the last client had gone
}

// Sample is a look at the server while no request is under way.
type Sample struct {
	Elapsed  time.Duration
	Requests int64
	Figures
}

func (s Sample) String() string {
	return fmt.Sprintf("%8s %10d %8.1f %10d %9d %10d %5d", s.Elapsed.Round(100*time.Millisecond), s.Requests,
		float64(s.RSS)/(1<<20), s.Heap>>10, s.Objects, s.Goroutines, s.Failed)
}

func newReport() *Report { return &Report{Statuses: map[int]int64{}, Kinds: map[string]int64{}} }

// What may grow from one quarter of the run to the next. Objects are counted closely, because whatever is forgotten leaves some
// behind. Bytes may take a step: a map doubles when it holds a little more than ever before, and never shrinks.
const (
	share   = 0.05
	objects = 500
	bytes   = 512 << 10
)

// Rule is [Report.Verdict] in words.
const Rule = `Rule: no 5xx; no hostile cookie is taken for a session; from the third quarter to the last, the mean heap after two garbage
collections grows by at most 5 % and 500 objects, and 5 % and 512 KB; and once the clients are gone, the server has no more
goroutines than before they came.`

// Verdict is nil if the server stayed as it was.
func (r *Report) Verdict() error {
	var errs []error
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		if status >= 500 {
			errs = append(errs, fmt.Errorf("soak: %d answers with status %d", r.Statuses[status], status))
		}
	}
	if len(r.Accepted) > 0 {
		errs = append(errs, fmt.Errorf("soak: hostile cookies were taken for a session, such as %.200q", r.Accepted[0]))
	}
	n := len(r.Samples)
	if n < 4 {
		return errors.Join(append(errs, errors.New("soak: too few samples"))...)
	}
	if failed := r.Samples[n-1].Failed; failed > 0 {
		errs = append(errs, fmt.Errorf("soak: the server has counted %d answers with a 5xx", failed))
	}
	third, fourth := r.Samples[n/2:n/2+n/4], r.Samples[n-n/4:]
	heap := func(s Sample) float64 { return float64(s.Heap) }
	if before, after := mean(third, heap), mean(fourth, heap); after > before*(1+share)+bytes {
		errs = append(errs, fmt.Errorf("soak: the heap has grown from %.0f to %.0f KB", before/1024, after/1024))
	}
	held := func(s Sample) float64 { return float64(s.Objects) }
	if before, after := mean(third, held), mean(fourth, held); after > before*(1+share)+objects {
		errs = append(errs, fmt.Errorf("soak: the heap has grown from %.0f to %.0f objects", before, after))
	}
	if r.Left > r.Samples[0].Goroutines {
		errs = append(errs, fmt.Errorf("soak: %d goroutines before, and %d are left", r.Samples[0].Goroutines, r.Left))
	}
	return errors.Join(errs...)
}

func mean(samples []Sample, of func(Sample) float64) float64 {
	var sum float64
	for _, s := range samples {
		sum += of(s)
	}
	return sum / float64(len(samples))
}

// Write writes what the samples do not say.
func (r *Report) Write(w io.Writer) {
	last := r.Samples[len(r.Samples)-1]
	fmt.Fprintf(w, "\n%d requests, %.0f a second\n", last.Requests, float64(last.Requests)/last.Elapsed.Seconds())
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		fmt.Fprintf(w, "%10d × status %d\n", r.Statuses[status], status)
	}
	for _, k := range kinds {
		fmt.Fprintf(w, "%10d × %s\n", r.Kinds[k.name], k.name)
	}
	fmt.Fprintf(w, "\n%d goroutines before, %d after the clients had gone; %d hostile cookies were taken for a session\n\n%s\n",
		r.Samples[0].Goroutines, r.Left, len(r.Accepted), Rule)
}

func (l *load) note(kind string) {
	l.done.Add(1)
	l.mu.Lock()
	l.report.Kinds[kind]++
	l.mu.Unlock()
}

func (l *load) answered(status int) {
	l.mu.Lock()
	l.report.Statuses[status]++
	l.mu.Unlock()
}

func (l *load) accepted(bad cookies) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.report.Accepted) < 10 {
		l.report.Accepted = append(l.report.Accepted, bad.pairs())
	}
}
