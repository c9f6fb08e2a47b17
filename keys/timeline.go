package keys

import (
	"slices"
	"time"
)

// Span is a time in which one key seals.
type Span struct {
	// Key is the key that seals, nil if there is none.
	Key *Key
	// From is when it begins, or the time from which the timeline was asked for. Until is when another takes over, zero if
	// none does.
	From, Until time.Time
}

// Timeline says which keys of r seal from a time on, one span after the other without a hole, if nobody changes the ring.
func (r *Ring) Timeline(from time.Time) []Span {
	times := []time.Time{from}
	for _, k := range r.keys {
		for _, t := range []time.Time{k.notBefore, k.expiry} {
			if t.After(from) {
				times = append(times, t)
			}
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	var spans []Span
	for _, t := range times {
		k := r.Sealing(t)
		if n := len(spans); n > 0 {
			if spans[n-1].Key == k {
				continue
			}
			spans[n-1].Until = t
		}
		spans = append(spans, Span{Key: k, From: t})
	}
	return spans
}
