package keys

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// next makes the ring that follows r: its version is one higher.
func (r *Ring) next(keys []*Key, now time.Time) (*Ring, error) {
	return NewRing(keys, Options{Version: r.version + 1, Now: func() time.Time { return now }})
}

// WithVersion returns the keys of r as a ring of another version: for example a backup that is to take the place of a
// ring with a higher version, and must have one that is higher still.
func (r *Ring) WithVersion(version int64) (*Ring, error) {
	return NewRing(r.keys, Options{Version: version, OpenOnly: true})
}

// With returns the next ring, with one key more. Unless the key starts later than the time that a ring takes to reach every
// node, some nodes seal under it before others know it: [CheckStep] says so.
func (r *Ring) With(key *Key, now time.Time) (*Ring, error) {
	return r.next(append(r.Keys(), key), now)
}

// Without returns the next ring, without the key: its tokens are refused on every node that has that ring. If it is the
// one that seals, the spare takes over at once.
func (r *Ring) Without(id string, now time.Time) (*Ring, error) {
	k, err := r.find(id)
	if err != nil {
		return nil, err
	}
	return r.takeOver(k, nil, now).checked(now)
}

// Promote returns the next ring, in which a key seals from now on that was to start later, or that another one has
// replaced. Nodes whose clocks are behind by up to the leeway use it at once as well.
//
// It is for emergencies, and safe for a spare, which every node knows already.
func (r *Ring) Promote(id string, now time.Time) (*Ring, error) {
	k, err := r.find(id)
	if err != nil {
		return nil, err
	}
	if !k.maySeal() || k.Expired(now) {
		return nil, fmt.Errorf("keys: key %q can't seal: it is public, tainted or expired", id)
	}
	return r.promote(k, now).checked(now)
}

// Retire returns the next ring, in which the key seals no more and opens until the last of its tokens has expired. If it
// is the one that seals, the spare takes over at once. A key that never sealed is dropped.
func (r *Ring) Retire(id string, p Policy, now time.Time) (*Ring, error) {
	p, err := p.complete()
	if err != nil {
		return nil, err
	}
	k, err := r.find(id)
	if err != nil {
		return nil, err
	}
	if k.notBefore.After(now) {
		return r.draft(k, nil).checked(now)
	}
	drafted := r.takeOver(k, k, now)
	// In the second in which the key has started the spare can't start later than it and be there already.
	if s := drafted.Sealing(now.Add(time.Second)); s == nil || s == k {
		return nil, fmt.Errorf("keys: key %q can't be retired: no other key is there to seal", id)
	}
	end := p.lastToken(now)
	if !k.expiry.IsZero() && k.expiry.Before(end) {
		end = k.expiry
	}
	if !end.After(k.notBefore) {
		return nil, fmt.Errorf("keys: key %q has expired", id)
	}
	return drafted.draft(k, k.with(k.notBefore, end)).checked(now)
}

// Taint returns the next ring, in which the key never seals, and in which what it has sealed is sealed anew under
// another key with the next response: see [Material]. If it is the one that seals, the spare takes over at once.
func (r *Ring) Taint(id string, now time.Time) (*Ring, error) {
	k, err := r.find(id)
	if err != nil {
		return nil, err
	}
	tainted := k.with(k.notBefore, k.expiry)
	tainted.tainted = true
	return r.takeOver(k, tainted, now).checked(now)
}

// lastToken is when the last token has expired of a key that is replaced at now, with nodes that learn of it late.
func (p Policy) lastToken(now time.Time) time.Time { return ceil(now.Add(p.Propagation + p.drain())) }

func (r *Ring) find(id string) (*Key, error) {
	if k := r.Key(id); k != nil {
		return k, nil
	}
	have := fmt.Sprintf("%d others", len(r.keys))
	if len(r.keys) <= 5 {
		ids := make([]string, len(r.keys))
		for i, k := range r.keys {
			ids[i] = strconv.Quote(k.id)
		}
		have = strings.Join(ids, ", ")
	}
	return nil, fmt.Errorf("keys: the ring has no key %q, but %s", id, have)
}

// takeOver puts another key in the place of k, or none, and lets the spare seal if k is the key that seals.
func (r *Ring) takeOver(k, other *Key, now time.Time) *Ring {
	d := r.draft(k, other)
	if spare := r.Spare(now); spare != nil && r.Sealing(now) == k {
		return d.promote(spare, now)
	}
	return d
}

// promote brings the start of k forward, so far that it is past on every node. It must also be later than that of any key
// which has started.
func (r *Ring) promote(k *Key, now time.Time) *Ring {
	start := now.Add(-2 * Leeway).Truncate(time.Second)
	if s := r.Sealing(now); s != nil && s != k && !start.After(s.notBefore) {
		start = s.notBefore.Add(time.Second)
	}
	return r.draft(k, k.with(start, k.expiry))
}

// draft puts one key in the place of another, or drops it if there is no other, without a check and without a new version.
func (r *Ring) draft(old, new *Key) *Ring {
	d := &Ring{version: r.version}
	for _, k := range r.keys {
		if k != old {
			d.keys = append(d.keys, k)
		} else if new != nil {
			d.keys = append(d.keys, new)
		}
	}
	return d
}

// checked makes the next ring of a draft.
func (r *Ring) checked(now time.Time) (*Ring, error) {
	if len(r.keys) == 0 {
		return nil, errors.New("keys: it is the only key of the ring: add another one first")
	}
	return r.next(r.keys, now)
}

// Spare returns the key that takes over next: of those that may seal and have not started, the one that starts first. It
// returns nil if there is none.
func (r *Ring) Spare(now time.Time) *Key {
	pending := slices.DeleteFunc(r.Keys(), func(k *Key) bool { return !k.maySeal() || !k.notBefore.After(now) })
	if len(pending) == 0 {
		return nil
	}
	return slices.MinFunc(pending, func(a, b *Key) int { return a.notBefore.Compare(b.notBefore) })
}
