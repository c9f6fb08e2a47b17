package revocation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// ListOptions says how a list works. OnStale is required.
type ListOptions struct {
	// OnStale is what happens to sessions while the list is staler than MaxStaleness, or was never loaded. Required.
	OnStale Policy

	// MaxStaleness is how long after its last complete read of the store a list can tell who was revoked; 0 means 10
	// seconds. It is how long a node that is cut off goes on accepting what was revoked elsewhere, and how long an outage of
	// the store goes unnoticed. At least a second. It should be the same on all nodes.
	MaxStaleness time.Duration

	// Lifetime is how long an entry is kept, at least: as long as any session of any application that uses the
	// store. 0 means as long as the longest session of the jars of this process, or 400 days if there is none. Set it when
	// services whose sessions live longer share the store.
	Lifetime time.Duration

	// Logger gets what Observe gets, in words. Nil means [slog.Default] at the time of [NewList].
	Logger *slog.Logger

	// Observe, if not nil, is called for every event. It must be quick and safe for concurrent use.
	Observe func(Event)

	// Now tells the time of day, by which entries are made and forgotten; nil means [time.Now]. How stale the list is, is
	// always measured by the machine's monotonic clock.
	Now func() time.Time
}

// List follows a [Store] and answers from memory who was revoked. A check takes no lock, no network and no allocation.
// Call Run, and give the list to a jar as [sealjar.Options].Revocation. It is safe for concurrent use.
//
// A list accepts a session only while less than MaxStaleness has passed since it sent its last complete read of the store. So,
// with [Refuse], MaxStaleness after a revocation is durable no node anywhere accepts what it refuses, however the network
// and the clocks behave. (The clock is Linux's CLOCK_MONOTONIC, which stands still while the whole machine is suspended.)
//
// [sealjar.Options]: https://pkg.go.dev/github.com/sealjar/sealjar#Options
type List struct {
	revoker
	index        *index
	policy       Policy
	maxStaleness time.Duration
	started      time.Time

	// until is when the list becomes stale, with a monotonic reading: MaxStaleness after the last complete read was sent. The
	// zero time means that there was none.
	until atomic.Pointer[time.Time]

	running atomic.Bool
	cursor  Cursor       // of the one that runs
	latest  atomic.Int64 // what its clock said at most since the last look, Unix milliseconds

	// seen is what the store has told since it had lost our place; nil when it has been given back the rest.
	seen atomic.Pointer[index]

	mu     sync.Mutex // of what follows
	status Status
	stale  bool          // EventStale was told, and EventRecovered not yet
	fresh  chan struct{} // closed by the next complete read; nil: nobody waits
}

// NewList checks the options. The error names the one that is wrong. It starts nothing: see [List.Run].
func NewList(store Store, o ListOptions) (*List, error) {
	if store == nil {
		return nil, errors.New("revocation: the store is missing")
	}
	if err := o.OnStale.check("ListOptions.OnStale"); err != nil {
		return nil, err
	}
	if o.MaxStaleness == 0 {
		o.MaxStaleness = 10 * time.Second
	}
	if o.MaxStaleness < time.Second || o.MaxStaleness > time.Hour {
		return nil, fmt.Errorf("revocation: ListOptions.MaxStaleness is %v: want 1s to 1h", o.MaxStaleness)
	}
	if o.Lifetime < 0 || o.Lifetime > 10*defaultLifetime {
		return nil, fmt.Errorf("revocation: ListOptions.Lifetime is %v: want 0 to %v", o.Lifetime, 10*defaultLifetime)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &List{index: newIndex(), policy: o.OnStale, maxStaleness: o.MaxStaleness, started: time.Now()}
	l.until.Store(&time.Time{})
	l.observer = newObserver(o.Observe, o.Logger)
	l.store, l.now, l.lifetime = store, o.Now, o.Lifetime
	l.applied = func(e Entry) { l.index.add([]Entry{e}, l.clock()) }
	return l, nil
}

// Check returns nil if the list can tell that no entry refuses the token, a [Refusal] if one does,
// and if it can't tell, what the policy says: an error that matches [ErrUnavailable], or nil.
func (l *List) Check(_ context.Context, c Claims) error {
	// The order matters: the entries that are looked at are at least those of the read that "until" comes from, and those
	// that were there when the clock was read.
	until, stale := l.until.Load(), false
	present := l.index.present.Load()
	var at sought
	if present != 0 {
		at = l.index.seek(present, &c)
	}
	// To read the clock takes ten times as long as the rest of a check of an empty list, and there is no way round it but to be
	// told. A ticker's time, or a flag that a timer sets, stands still while the process or its machine is stopped:
	// whatever is asked when it is resumed would be answered by it for a moment, with a list that is hours old.
	if l.policy == Refuse {
		if c.Asked != c.Asked.In(c.Asked.Location()) { // In drops a monotonic reading
			stale = !c.Asked.Before(*until)
		} else { // by a time of day, which may jump, nobody is current
			stale = isStale(until)
		}
	}
	if present != 0 {
		if kind := l.index.find(present, at, &c); kind != "" {
			return l.refusal(kind, &c)
		}
	}
	if stale {
		return staleError(until)
	}
	return nil
}

// Confirm is Check without the policy: nil means that the list can tell, and that no entry refuses the token. A jar asks
// before it prolongs a session.
func (l *List) Confirm(ctx context.Context, c Claims) error {
	until := l.until.Load()
	if err := l.Check(ctx, c); err != nil {
		return err
	}
	if isStale(until) {
		return staleError(until)
	}
	return nil
}

var (
	errStale    = fmt.Errorf("%w: the list is stale", ErrUnavailable)
	errUnloaded = fmt.Errorf("%w: the list is not loaded yet (by List.Run)", ErrUnavailable)
)

func staleError(until *time.Time) error {
	if until.IsZero() {
		return errUnloaded
	}
	return errStale
}

func isStale(until *time.Time) bool { return time.Until(*until) <= 0 }

// Everywhere returns nil when no node accepts any more what was revoked before it was called: MaxStaleness later. That holds
// if all nodes refuse when they are stale and none has a longer MaxStaleness; with [Allow], nothing is proven and Everywhere
// returns an error at once. It returns the error of ctx if that ends before; the revocation is as good as ever then.
//
//	if err := list.RevokeSubject(ctx, subject, time.Now().Add(token.Leeway), "stolen laptop"); err != nil { … }
//	if err := list.Everywhere(ctx); err != nil { … }
func (l *List) Everywhere(ctx context.Context) error {
	if l.policy != Refuse {
		return errors.New("revocation: with the policy Allow nobody knows when a revocation has reached every node")
	}
	// Monotonic clocks differ in rate, by less than a part in a thousand.
	timer := time.NewTimer(l.maxStaleness + l.maxStaleness/1000)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
