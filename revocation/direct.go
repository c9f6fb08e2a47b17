package revocation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// DirectOptions says how the direct mode works. OnError is required.
type DirectOptions struct {
	// OnError is what happens to a session when the store does not answer. Required.
	OnError Policy

	// Cache is for how long an answer of the store is used again, and by how much later a revocation of another process may be
	// noticed. 0 means that every check asks. At most a minute.
	Cache time.Duration

	// Timeout bounds a question; 0 means a second.
	Timeout time.Duration

	// Lifetime, Logger, Observe and Now are as in [ListOptions].
	Lifetime time.Duration
	Logger   *slog.Logger
	Observe  func(Event)
	Now      func() time.Time
}

// Direct asks the store about each session, in one round trip. It is for functions that live for a few requests, and for tiny
// applications: there is nothing to load and nothing that runs. It is safe for concurrent use.
//
// With [Refuse], no process accepts any more what was revoked, Cache and Timeout after the revocation is durable.
type Direct struct {
	revoker
	policy  Policy
	timeout time.Duration
	cache   *cache
}

// NewDirect checks the options. The error names the one that is wrong.
func NewDirect(store Store, o DirectOptions) (*Direct, error) {
	if store == nil {
		return nil, errors.New("revocation: the store is missing")
	}
	if err := o.OnError.check("DirectOptions.OnError"); err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	for _, f := range []struct {
		name        string
		value, most time.Duration
	}{{"Cache", o.Cache, time.Minute}, {"Timeout", o.Timeout, time.Minute}, {"Lifetime", o.Lifetime, 10 * defaultLifetime}} {
		if f.value < 0 || f.value > f.most {
			return nil, fmt.Errorf("revocation: DirectOptions.%s is %v: want 0 to %v", f.name, f.value, f.most)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Direct{policy: o.OnError, timeout: o.Timeout, cache: newCache(o.Cache)}
	d.observer = newObserver(o.Observe, o.Logger)
	d.store, d.now, d.lifetime = store, o.Now, o.Lifetime
	d.applied = d.cache.forget
	return d, nil
}

// Check returns nil if no entry refuses the token, a [Refusal] if one does, and if the store does not answer, what the
// policy says: an error that matches [ErrUnavailable], or nil. The end of ctx is no answer of the store's, and never
// nil: who was revoked does not get in by hanging up before the store has answered.
func (d *Direct) Check(ctx context.Context, c Claims) error {
	err := d.Confirm(ctx, c)
	if d.policy == Allow && errors.Is(err, ErrUnavailable) && ctx.Err() == nil {
		d.emit(Event{Kind: EventFailed, Err: err, Context: ctx})
		return nil
	}
	return err
}

// Confirm is Check without the policy: nil means that the store has answered, and that no entry refuses the token. A jar asks
// before it prolongs a session.
func (d *Direct) Confirm(ctx context.Context, c Claims) error {
	names := make([]Name, 0, 7+len(c.Groups))
	for _, n := range []Name{
		{All, ""}, {Session, c.SessionID}, {Session, c.Origin}, {Renewed, c.SessionID}, {Token, c.TokenID}, {Subject, c.Subject}, {Key, c.KeyID},
	} {
		if n.Name != "" || n.Kind == All {
			names = append(names, n)
		}
	}
	for _, group := range c.Groups {
		if group != "" {
			names = append(names, Name{Group, group})
		}
	}
	asked := time.Now()
	entries, unknown := d.cache.get(names, asked)
	if len(unknown) > 0 {
		ctx, cancel := context.WithTimeout(ctx, d.timeout)
		defer cancel()
		found, err := d.store.Lookup(ctx, unknown)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		d.cache.put(unknown, found, asked)
		entries = append(entries, found...)
	}
	for _, e := range entries {
		if e.Refuses(c.AuthTime) {
			return &Refusal{e.Kind, e.Name}
		}
	}
	return nil
}
