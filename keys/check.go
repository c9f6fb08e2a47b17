package keys

import (
	"fmt"
	"time"
)

// Reason is what kind of trouble a [Warning] tells of.
type Reason string

const (
	// ReasonGap : from At on no key can seal, so that nobody can sign in and no session is renewed.
	ReasonGap Reason = "gap"
	// ReasonShort : the key ends before the last sessions that are sealed under it, which are cut short from At on.
	ReasonShort Reason = "short"
	// ReasonLate : the key starts at At, earlier than every node can know it. A node that does not know it refuses its tokens.
	ReasonLate Reason = "late"
	// ReasonNoSpare : no key is there to take over when the one that seals must be replaced at once.
	ReasonNoSpare Reason = "no spare"
	// ReasonSeals : this process has sealed so many tokens under the key that it should be replaced. See [SealLimit].
	ReasonSeals Reason = "seals"
	// ReasonForgotten : the version of the ring in use could not be kept in the VersionFile.
	ReasonForgotten Reason = "forgotten"
)

// Warning says what is wrong with a ring, or will be.
type Warning struct {
	Reason Reason
	// KeyID names the key, if it is about one.
	KeyID string
	// At is when the trouble begins.
	At time.Time
	// Text says it in words.
	Text string
}

// String is the warning's Text.
func (w Warning) String() string { return w.Text }

// Check says what is wrong with r at now, or will be if nobody changes it. Of the policy, Session and Propagation count. It
// finds nothing in a ring from [Rotate].
func (r *Ring) Check(p Policy, now time.Time) ([]Warning, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	return r.check(p.Session, now), nil
}

func (r *Ring) check(longest time.Duration, now time.Time) (found []Warning) {
	for _, span := range r.Timeline(now) {
		k := span.Key
		if k == nil {
			text := fmt.Sprintf("no key can seal from %s", date(span.From))
			if !span.Until.IsZero() {
				text += fmt.Sprintf(" until %s", date(span.Until))
			}
			found = append(found, Warning{Reason: ReasonGap, At: span.From, Text: text})
			continue
		}
		if end := k.expiry; !end.IsZero() && end.Before(span.Until.Add(longest)) {
			at := later(end.Add(-longest), span.From)
			found = append(found, Warning{Reason: ReasonShort, KeyID: k.id, At: at, Text: fmt.Sprintf(
				"key %q expires at %s: sessions of %v that it seals from %s on are cut short", k.id, date(end), longest, date(at))})
		}
	}
	if r.Spare(now) == nil {
		found = append(found, Warning{Reason: ReasonNoSpare, At: now, Text: "no key is there to take over from the one that seals"})
	}
	return found
}

// CheckStep says what is wrong with going from the ring before to the ring after at now: a key that is new and
// starts before every node can know it. Of the policy, Propagation counts.
func CheckStep(before, after *Ring, p Policy, now time.Time) ([]Warning, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	var found []Warning
	for _, k := range after.keys {
		if before.Key(k.id) != nil || after.Sealing(later(k.notBefore, now)) != k {
			continue
		}
		published := now
		if !k.created.IsZero() && k.created.Before(now) {
			published = k.created
		}
		if k.notBefore.Before(published.Add(p.Propagation)) || !k.notBefore.After(now) {
			found = append(found, Warning{Reason: ReasonLate, KeyID: k.id, At: k.notBefore, Text: fmt.Sprintf(
				"key %q is new and starts at %s: a node that does not know it by then refuses its tokens (propagation takes up to %v)",
				k.id, date(k.notBefore), p.Propagation)})
		}
	}
	return found, nil
}

// Require returns an error if a key that seals, now or later, ends before a session of that length does: one that it seals
// just before another key takes over, or when it starts, if no other is there yet. With such keys users are signed out too
// early. A jar asks it with its longest session.
func (r *Ring) Require(longest time.Duration, now time.Time) error {
	spans := r.Timeline(now)
	for i, span := range spans {
		k := span.Key
		if k == nil || k.expiry.IsZero() {
			continue
		}
		from, what := k.notBefore, "its start"
		if from.IsZero() {
			from = k.created
		}
		if i+1 < len(spans) && spans[i+1].Key != nil {
			from, what = span.Until, "when the next key takes over"
		}
		if from.IsZero() {
			continue // since ever: nobody can say
		}
		if end := from.Add(longest); k.expiry.Before(end) {
			return fmt.Errorf("keys: key %q opens until %s (exp): want at least %s, %s and the longest session of %v",
				k.id, date(k.expiry), date(end), what, longest)
		}
	}
	return nil
}

// date shows a time as the errors of this package do.
func date(t time.Time) string {
	if t.IsZero() {
		return "the beginning"
	}
	return t.UTC().Format(time.RFC3339)
}
