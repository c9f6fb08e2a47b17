package keys

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// RotatorOptions says how a [Rotator] works. Store is required.
type RotatorOptions struct {
	// Store keeps the ring for all nodes.
	Store Store

	// Sealer protects the ring in the store; nil means plain text.
	Sealer Sealer

	// Policy says how keys are rotated. All nodes should have the same one.
	Policy Policy

	// Interval is how often Run looks at the store; 0 means 30 seconds. Policy.Propagation must be at least twice as long.
	Interval time.Duration

	// Timeout bounds one look; 0 means 10 seconds.
	Timeout time.Duration

	// VersionFile, if not empty, is where the version of the ring in use is kept on this machine: see [FileOptions].VersionFile.
	VersionFile string

	Watch
}

// Rotator is a [Source] that keeps the keys of any number of nodes in one store and rotates them by itself. Each node
// runs one, and each does the same: it looks at the store, and if [Rotate] says that a step is due, it tries to write
// the step. The store lets one of them win, and the others take over what it wrote. A node that dies at any moment
// leaves the store with the old ring or with the new one. It is safe for concurrent use. See [NewRotator].
type Rotator struct {
	*follower
	options RotatorOptions
	vault   Vault
	opener  opener
	hash    [sha256.Size]byte // of the document of the ring in use
}

// NewRotator loads the ring from the store, and makes the first one if there is none: of several nodes that start at the same
// time one writes it, and all use it. It starts nothing: call [Rotator.Run].
func NewRotator(ctx context.Context, options RotatorOptions) (*Rotator, error) {
	if options.Store == nil {
		return nil, errors.New("keys: RotatorOptions.Store is missing")
	}
	var err error
	if options.Policy, err = options.Policy.complete(); err != nil {
		return nil, err
	}
	if options.Interval == 0 {
		options.Interval = min(30*time.Second, options.Policy.Propagation/2)
	}
	if options.Timeout == 0 {
		options.Timeout = 10 * time.Second
	}
	if options.Interval < 0 || options.Interval > options.Policy.Propagation/2 {
		return nil, fmt.Errorf("keys: RotatorOptions.Interval is %v: want more than 0 and at most half of Policy.Propagation (%v)",
			options.Interval, options.Policy.Propagation)
	}
	if options.Timeout < 0 {
		return nil, fmt.Errorf("keys: RotatorOptions.Timeout is %v: want more than 0", options.Timeout)
	}
	r := &Rotator{
		follower: newFollower("store", options.Watch, options.Policy), options: options,
		vault:  Vault{Store: options.Store, Sealer: options.Sealer},
		opener: opener{sealer: options.Sealer},
	}
	if err := r.remember(options.VersionFile); err != nil {
		return nil, err
	}
	if err := r.look(ctx, false, true); err != nil {
		return nil, err
	}
	if err := r.keep(false); err != nil {
		return nil, err
	}
	return r, nil
}

// Run looks at the store now and then, and rotates the keys when it is time, until ctx ends. It returns the error of
// ctx. A failure is told of and tried again; the ring in use stays.
func (r *Rotator) Run(ctx context.Context) error {
	return r.run(ctx, r.options.Interval, func() { _ = r.look(ctx, false, false) })
}

// Reload looks at the store now. The error says why its ring was not accepted, or why a step that is due could not be written.
func (r *Rotator) Reload(ctx context.Context) error { return r.look(ctx, false, true) }

// AcceptRollback is [Rotator.Reload], and accepts a ring with a lower version than the one in use: see [File.AcceptRollback].
func (r *Rotator) AcceptRollback(ctx context.Context) error { return r.look(ctx, true, true) }

// Update changes the ring in the store at once, for example to take a key out of use with [Ring.Without] or
// [Ring.Taint], and uses it here; the other nodes follow when they look. See [Vault.Update].
func (r *Rotator) Update(ctx context.Context, change func(*Ring) (*Ring, error)) error {
	if _, _, err := r.vault.Update(ctx, change); err != nil {
		return err
	}
	return r.look(ctx, false, true)
}

// look tries again, if asked to, to open what could not be opened; Run does so only now and then.
func (r *Rotator) look(ctx context.Context, rollback, again bool) error {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	r.looking.Lock()
	defer r.looking.Unlock()
	for {
		err := r.load(ctx, rollback, again)
		if err == nil {
			err = r.step(ctx)
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// load takes over what is in the store. An empty store is no reason to give up the ring in use.
func (r *Rotator) load(ctx context.Context, rollback, again bool) error {
	doc, err := r.options.Store.Load(ctx)
	have := r.Ring()
	if err == nil && doc.Data == nil {
		if have == nil && r.least == 0 {
			return nil
		}
		err = ErrRollback
	}
	if err != nil {
		err = fmt.Errorf("keys: loading the ring: %w", err)
		r.fail(err)
		return err
	}
	hash := sha256.Sum256(doc.Data)
	if have != nil && hash == r.hash {
		return r.take(have, false)
	}
	next, err := r.opener.open(ctx, doc.Data, hash, r.watch.Now(), again)
	if err == nil {
		err = doc.holds(next)
	}
	if err == nil && next.Sealing(r.watch.Now()) == nil && (have == nil || next.version > have.version || rollback) {
		// One that was left alone for too long is not used as it is, but rotated.
		next, err = r.write(ctx, next)
	}
	if err != nil {
		if !errors.Is(err, ErrConflict) {
			r.fail(err)
		}
		return err
	}
	if err := r.take(next, rollback); err != nil {
		return err
	}
	r.hash = hash
	return nil
}

// step writes the next ring if it is time.
func (r *Rotator) step(ctx context.Context) error {
	have := r.Ring()
	next, err := r.write(ctx, have)
	if err != nil {
		if !errors.Is(err, ErrConflict) {
			r.fail(err)
		}
		return err
	}
	if next == have {
		return nil
	}
	if err := r.take(next, false); err != nil {
		return err
	}
	r.announce(Event{Kind: EventRotated})
	return nil
}

func (r *Rotator) write(ctx context.Context, have *Ring) (*Ring, error) {
	next, err := Rotate(have, r.options.Policy, r.watch.Now())
	if err != nil || next == have {
		return next, err
	}
	if err := r.vault.Swap(ctx, have, next); err != nil {
		return nil, fmt.Errorf("keys: storing the next ring: %w", err)
	}
	return next, nil
}
