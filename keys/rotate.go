package keys

import "time"

// Rotate returns the ring that should follow r at now, or r itself if it is as it should be. It is what the operator's command
// and the [Rotator] do, and changes nothing by itself. With r nil it makes the first ring.
//
// A ring is as it should be when a key seals, a spare is there to take over from it, every other key has a date until which
// it opens, and none is kept for longer. So Rotate
//
//   - drops the keys whose last token has expired on every node,
//   - adds a spare if there is none, to start a period after the key that seals now, and never earlier than all nodes can know it,
//   - adds the next spare two days before the spare takes over (or half a period, if that is less), so that one is always there
//     although a daily job has failed once,
//   - dates the end of each key that has a successor: the longest session after it takes over. The last key has no end,
//     so that an application which nobody rotates any more goes on,
//   - and if no key can seal, which should not happen, lets the spare or a new key seal at once.
//
// A date that is there already is never moved. It may be called at any time and as often as one likes.
func Rotate(r *Ring, p Policy, now time.Time) (*Ring, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	draft := &Ring{}
	if r != nil {
		draft = r.draft(nil, nil)
		for _, k := range r.keys {
			if k.Expired(now.Add(-Leeway)) {
				draft = draft.draft(k, nil)
			}
		}
	}
	if draft, err = ensureSealing(draft, p, now); err != nil {
		return nil, err
	}
	if draft, err = ensureSpare(draft, p, now); err != nil {
		return nil, err
	}
	draft = dateEnds(draft, p, now)
	if r == nil {
		r = &Ring{}
	}
	if same(r, draft) {
		return r, nil
	}
	return r.next(draft.keys, now)
}

// ensureSealing does nothing, except for the first ring and for one that was left alone for too long. The first key may
// seal since ever: a node whose clock is slow can start.
func ensureSealing(r *Ring, p Policy, now time.Time) (*Ring, error) {
	if r.Sealing(now) != nil {
		return r, nil
	}
	if spare := r.Spare(now); spare != nil {
		return r.promote(spare, now), nil
	}
	k, err := generate(p.Algorithm, now, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	return &Ring{version: r.version, keys: append(r.Keys(), k)}, nil
}

// ensureSpare adds the key that takes over from the one that seals, and, from some time before it does, the one after it: there
// is a spare at any time, and no moment at which the old one has started and the next one is not known yet.
func ensureSpare(r *Ring, p Policy, now time.Time) (*Ring, error) {
	last := r.Sealing(now)
	if spare := r.Spare(now); spare == nil || p.mustBeReplaced(last).Before(spare.notBefore) {
		start := later(p.due(last, now), p.start(now))
		if spare == nil || start.Before(spare.notBefore) {
			var err error
			if r, err = r.adding(p, now, start); err != nil {
				return nil, err
			}
		}
	}
	for {
		for _, k := range r.keys {
			if k.maySeal() && k.notBefore.After(last.notBefore) {
				last = k
			}
		}
		if last.notBefore.After(now.Add(p.lead())) {
			return r, nil
		}
		start := later(p.due(last, now), p.start(now))
		if !start.After(last.notBefore) {
			start = ceil(last.notBefore.Add(p.Period)) // its end is too near for any session
		}
		var err error
		if r, err = r.adding(p, now, start); err != nil {
			return nil, err
		}
	}
}

// due is when a key should be replaced that seals, or will.
func (p Policy) due(k *Key, now time.Time) time.Time {
	began := later(k.notBefore, k.created)
	if began.IsZero() {
		began = now // nobody knows how long it has been in use
	}
	start := ceil(began.Add(p.Period))
	if latest := p.mustBeReplaced(k); latest.Before(start) {
		return latest
	}
	return start
}

// mustBeReplaced is when a key must be replaced so that no session is cut short which it seals; far away if it has no end.
func (p Policy) mustBeReplaced(k *Key) time.Time {
	if k.expiry.IsZero() {
		return time.Unix(maxDate, 0)
	}
	return k.expiry.Add(-p.drain())
}

// adding returns a draft with a new key.
func (r *Ring) adding(p Policy, now, start time.Time) (*Ring, error) {
	k, err := generate(p.Algorithm, now, start, time.Time{})
	if err != nil {
		return nil, err
	}
	return &Ring{version: r.version, keys: append(r.Keys(), k)}, nil
}

// dateEnds gives an end to each key that has none and is, or will be, replaced.
func dateEnds(r *Ring, p Policy, now time.Time) *Ring {
	sealing := r.Sealing(now)
	for _, k := range r.keys {
		if !k.expiry.IsZero() || !k.CanSign() {
			continue
		}
		replaced := now
		if k == sealing || k.maySeal() && k.notBefore.After(now) {
			successor := r.Spare(later(k.notBefore, now))
			if successor == nil {
				continue
			}
			replaced = successor.notBefore
		}
		end := later(ceil(replaced.Add(p.drain())), p.lastToken(now))
		if !end.After(k.notBefore) {
			end = k.notBefore.Add(time.Second) // tainted before it began
		}
		r = r.draft(k, k.with(k.notBefore, end))
	}
	return r
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
