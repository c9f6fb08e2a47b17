package keys

import "time"

// Rotate returns the ring that should follow r at now, or r itself if it is as it should be. It is what the operator's command
// and the [Rotator] do, and changes nothing by itself. With r nil it makes the first ring.
//
// A ring is as it should be when a key seals, one spare is there to take over from it, every other key has a date until which
// it opens, and none is kept for longer. So Rotate
//
//   - drops the keys whose last token has expired on every node,
//   - adds a spare if there is none, to start a period after the key that seals now, and never earlier than all nodes can know it,
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

func ensureSpare(r *Ring, p Policy, now time.Time) (*Ring, error) {
	if r.Spare(now) != nil {
		return r, nil
	}
	sealing := r.Sealing(now)
	began := sealing.notBefore
	if sealing.created.After(began) {
		began = sealing.created
	}
	if began.IsZero() {
		began = now // nobody knows how long it has been in use
	}
	start := ceil(began.Add(p.Period))
	if end := sealing.expiry; !end.IsZero() && end.Add(-p.drain()).Before(start) {
		start = end.Add(-p.drain()) // before the sessions that it seals are cut short
	}
	if earliest := p.start(now); start.Before(earliest) {
		start = earliest
	}
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
