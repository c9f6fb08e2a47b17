package keys

import (
	"fmt"
	"time"
)

// Leeway is by how much the clocks of two nodes may differ. Package token allows for as much.
const Leeway = 30 * time.Second

// Policy says how keys are rotated. The zero value is a good one.
type Policy struct {
	// Period is how long a key seals; 0 means 30 days.
	Period time.Duration

	// Propagation is how long a new version of the ring takes to reach every node; 0 means 5 minutes. No key is used before it
	// has been known for so long.
	Propagation time.Duration

	// Session is how long the longest session lives; 0 means 30 days, which is what a jar allows for remembered ones. A key opens
	// for so long after it has sealed for the last time.
	Session time.Duration

	// Algorithm is how new keys sign; empty means [HS256].
	Algorithm Algorithm
}

// complete fills in what is missing and checks the rest. The error names the field.
func (p Policy) complete() (Policy, error) {
	for _, f := range []struct {
		name      string
		value     *time.Duration
		otherwise time.Duration
		least     time.Duration
	}{
		{"Period", &p.Period, 30 * 24 * time.Hour, time.Second},
		{"Propagation", &p.Propagation, 5 * time.Minute, time.Second},
		{"Session", &p.Session, 30 * 24 * time.Hour, time.Second},
	} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
		if *f.value < f.least || *f.value > 10*365*24*time.Hour {
			return p, fmt.Errorf("keys: Policy.%s is %v: want %v to ten years", f.name, *f.value, f.least)
		}
	}
	if p.Algorithm == "" {
		p.Algorithm = HS256
	}
	switch p.Algorithm {
	case HS256, EdDSA, ES256:
	default:
		return p, fmt.Errorf("keys: Policy.Algorithm is %q: want HS256, EdDSA or ES256", p.Algorithm)
	}
	if p.Period < p.Propagation+Leeway {
		return p, fmt.Errorf("keys: Policy.Period (%v) is shorter than Policy.Propagation and the leeway of clocks (%v)",
			p.Period, p.Propagation+Leeway)
	}
	// The keys that still open, the one that seals, the spare and the one after it, and room for an emergency.
	if n := p.drain()/p.Period + 5; n > MaxKeys {
		return p, fmt.Errorf("keys: Policy.Period (%v) is too short for Policy.Session (%v): a ring would need %d keys, at most %d",
			p.Period, p.Session, n, MaxKeys)
	}
	return p, nil
}

// drain is how long a key must open after it was replaced. Twice the leeway: the token may have been sealed by a node
// whose clock is behind, and be opened by one that accepts it for the leeway after its end.
func (p Policy) drain() time.Duration { return p.Session + 2*Leeway }

// lead is how long before the spare takes over the next one is published: so early that a daily job may fail once, and that the
// next one is known to every node when it becomes the spare.
func (p Policy) lead() time.Duration {
	return max(min(48*time.Hour, p.Period/2), p.Propagation+Leeway)
}

// start is the earliest time at which a key that is published at now may seal. The leeway is for a node whose clock is ahead.
func (p Policy) start(now time.Time) time.Time { return ceil(now.Add(p.Propagation + Leeway)) }

// ceil is the next whole second, the unit of the key file, so that no date comes out earlier than meant.
func ceil(t time.Time) time.Time {
	if c := t.Truncate(time.Second); !c.Before(t) {
		return c
	}
	return t.Truncate(time.Second).Add(time.Second)
}
