package keys

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// MaxKeys is the most keys that a ring may hold.
const MaxKeys = 32

// MaxVersion is the highest version of a ring: the largest integer that every reader of JSON knows exactly (RFC 8259, section 6).
const MaxVersion = 1<<53 - 1

// Source gives the ring of the moment. Ring must be safe for concurrent use, must not block, and must never return
// nil: it is called for every token. Two calls return the same pointer unless the keys have changed between them.
type Source interface {
	Ring() *Ring
}

// Options says how a ring is made. The zero value is right for an application that seals and opens.
type Options struct {
	// OpenOnly waives the rule that one key must be able to seal now, for a node that opens tokens and never makes them.
	OpenOnly bool

	// Version is what [Ring.Version] of a ring from [NewRing] says. [Parse] takes it from the text instead.
	Version int64

	// Now tells the time by which that rule is checked; nil means [time.Now].
	Now func() time.Time
}

// Ring is an immutable set of keys, safe for concurrent use. It is a [Source] of itself. The zero value is not
// usable: see [NewRing], [Parse], [ReadFile] and [FromSecrets].
type Ring struct {
	keys    []*Key
	version int64
}

// NewRing checks the keys as a set: there is at least one and at most [MaxKeys] of them, each id and each
// signing and encryption key is there once, and one of them can seal now. The error names the keys.
func NewRing(keys []*Key, opts Options) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("keys: a ring needs at least one key")
	}
	if len(keys) > MaxKeys {
		return nil, fmt.Errorf("keys: %d keys are too many for one ring: at most %d", len(keys), MaxKeys)
	}
	if opts.Version < 0 || opts.Version > MaxVersion {
		return nil, fmt.Errorf("keys: version %d of the ring is out of range: want 0 to 2^53-1", opts.Version)
	}
	r := &Ring{keys: make([]*Key, 0, len(keys)), version: opts.Version}
	for i, k := range keys {
		if k == nil || k.secrets == nil {
			return nil, fmt.Errorf("keys: key %d of %d is empty: make it with NewKey or Generate", i+1, len(keys))
		}
		if !k.expiry.IsZero() && !k.expiry.After(k.notBefore) {
			return nil, fmt.Errorf("keys: key %q would expire before it starts", k.id)
		}
		for _, other := range r.keys {
			if other.id == k.id {
				return nil, fmt.Errorf("keys: key id %q is there twice", k.id)
			}
			if sharesBytes(other, k) {
				return nil, fmt.Errorf("keys: keys %q and %q share a key: each needs its own", other.id, k.id)
			}
		}
		r.keys = append(r.keys, k)
	}
	now := time.Now
	if opts.Now != nil {
		now = opts.Now
	}
	if !opts.OpenOnly && r.Sealing(now()) == nil {
		return nil, r.noSealingKey(now())
	}
	return r, nil
}

// noSealingKey says for each key why it can't seal.
func (r *Ring) noSealingKey(now time.Time) error {
	text := "keys: no key can seal now"
	for _, k := range r.keys {
		switch {
		case !k.CanSign():
			text += fmt.Sprintf("; key %q has only a public signing key", k.id)
		case k.tainted:
			text += fmt.Sprintf("; key %q is tainted", k.id)
		case k.Expired(now):
			text += fmt.Sprintf("; key %q expired at %s", k.id, k.expiry.UTC().Format(time.RFC3339))
		default:
			text += fmt.Sprintf("; key %q starts at %s", k.id, k.notBefore.UTC().Format(time.RFC3339))
		}
	}
	return errors.New(text)
}

// sharesBytes compares everything with everything: one secret in two places is used for two purposes sooner or
// later, and a secret that is the public part of another key is known to everybody (the confusion of HS256 and EdDSA).
func sharesBytes(a, b *Key) bool {
	for _, x := range a.parts() {
		for _, y := range b.parts() {
			if subtle.ConstantTimeCompare(x, y) == 1 {
				return true
			}
		}
	}
	return false
}

// parts are the bytes that make up k, secret and public.
func (k *Key) parts() [][]byte {
	s := k.secrets()
	parts := append(s.signer.public(), s.encryption[:])
	if private := s.signer.private(); private != nil {
		parts = append(parts, private)
	}
	return parts
}

// Ring returns r.
func (r *Ring) Ring() *Ring { return r }

// Keys returns the keys in the order in which they were given.
func (r *Ring) Keys() []*Key { return append([]*Key(nil), r.keys...) }

// Version rises with each change of the keys, so that an old ring can be told from a new one; 0 means that it has none.
func (r *Ring) Version() int64 { return r.version }

// Key returns the key with that id, or nil.
func (r *Ring) Key(id string) *Key {
	for _, k := range r.keys {
		if k.id == id {
			return k
		}
	}
	return nil
}

// Sealing returns the key that seals at now: of those that can sign, have started and have not expired, the one
// that started last, and of equals the first in order. It returns nil if there is none.
func (r *Ring) Sealing(now time.Time) *Key {
	var best *Key
	for _, k := range r.keys {
		if k.seals(now) && (best == nil || k.notBefore.After(best.notBefore)) {
			best = k
		}
	}
	return best
}

// String shows how many keys there are and nothing of them.
func (r Ring) String() string { return fmt.Sprintf("ring of %d keys [secret]", len(r.keys)) }

// Format is [Ring.String] for every verb, also %#v and %x.
func (r Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue is [Ring.String] for slog.
func (r Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText is [Ring.String] for JSON and other encodings: a ring can't be written by accident. See [Marshal].
func (r Ring) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
