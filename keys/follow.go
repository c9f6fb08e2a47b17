package keys

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Why a new state of the keys is refused while the ring in use stays, for errors.Is.
var (
	// ErrRollback says that the ring has a lower version than the one in use: a backup was restored, or a node is behind.
	ErrRollback = errors.New("keys: older than the ring in use")
	// ErrVersionReused says that the ring has the version of the one in use and other keys or dates.
	ErrVersionReused = errors.New("keys: the version of the ring in use, with other content")
	// ErrKeyReused says that a key id was in use with other key bytes.
	ErrKeyReused = errors.New("keys: a key id in use again for another key")
)

// defaultHorizon is how long ahead of time a warning is given.
const defaultHorizon = 7 * 24 * time.Hour

// hintPause is the least time between two looks that tokens with unknown keys can cause, however many of them arrive.
const hintPause = 3 * time.Second

// Watch says how a [File] or a [Rotator] tells of what it sees. The zero value is right for most.
type Watch struct {
	// Horizon is how long ahead of time a gap or a short key is warned of; 0 means 7 days.
	Horizon time.Duration

	// SealLimit is at how many tokens of one key in this process there is a warning; 0 means [SealLimit].
	SealLimit uint64

	// Logger gets each event in words; nil means [slog.Default] at the time of the constructor.
	Logger *slog.Logger

	// Observe, if not nil, is called for each event, one at a time: once for each distinct error or warning, not once for each
	// look. It must be quick, and must not make the source look again.
	Observe func(Event)

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

func (w Watch) complete() Watch {
	if w.Horizon == 0 {
		w.Horizon = defaultHorizon
	}
	if w.SealLimit == 0 {
		w.SealLimit = SealLimit
	}
	if w.Logger == nil {
		w.Logger = slog.Default()
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	return w
}

// follower holds the ring in use, decides whether another may take its place, and tells of it. File and Rotator are a
// follower and a way to look for the latest ring.
type follower struct {
	source string
	watch  Watch
	policy Policy
	hints  chan struct{}
	ring   atomic.Pointer[Ring]
	kept   versionFile

	looking sync.Mutex // held from looking for a ring to telling of it

	mu      sync.Mutex
	status  Status
	told    map[string]bool              // errors since the last success, and warnings of the ring in use
	seen    map[string][sha256.Size]byte // which key each id was
	longest time.Duration                // what a jar requires
	least   int64                        // the version that an earlier process had
	events  []Event                      // to be told when mu is free: an observer may ask for the status
}

func newFollower(source string, w Watch, p Policy) *follower {
	return &follower{
		source: source, watch: w.complete(), policy: p, hints: make(chan struct{}, 1),
		told: make(map[string]bool), seen: make(map[string][sha256.Size]byte),
	}
}

// remember reads which version an earlier process had.
func (f *follower) remember(path string) (err error) {
	f.kept = versionFile(path)
	f.least, err = f.kept.read()
	return err
}

// keep writes down the version of the ring in use for a later process. The constructor returns the error.
func (f *follower) keep(rollback bool) error { return f.kept.write(f.ring.Load().version, rollback) }

// Ring returns the ring in use. It is one atomic load.
func (f *follower) Ring() *Ring { return f.ring.Load() }

// Status says how things are. It may be called at any time.
func (f *follower) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ring := f.status, f.ring.Load()
	s.Version = ring.version
	s.Seals = make(map[string]uint64, len(ring.keys))
	for _, k := range ring.keys {
		s.KeyIDs = append(s.KeyIDs, k.id)
		s.Seals[k.id] = k.Seals()
	}
	if k := ring.Sealing(f.watch.Now()); k != nil {
		s.Sealing = k.id
	}
	return s
}

// Require is [Ring.Require] for the ring in use, and from now on for each that may take its place. A jar calls it.
func (f *follower) Require(longest time.Duration, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ring.Load().Require(longest, now); err != nil {
		return err
	}
	f.longest = max(f.longest, longest)
	return nil
}

// Hint says that a token names an unknown key, so that it may be time to look for a new ring. It returns at once. Run
// looks, at most once in a few seconds.
func (f *follower) Hint() {
	select {
	case f.hints <- struct{}{}:
	default:
	}
}

// take makes next the ring in use, if it may be, and notes that the look for it succeeded. rollback allows for a lower version.
func (f *follower) take(next *Ring, rollback bool) error {
	f.mu.Lock()
	have := f.ring.Load()
	err := f.replace(next, rollback)
	if err != nil {
		f.refuse(err)
	} else if have != nil && f.ring.Load() != have {
		if err := f.keep(rollback); err != nil {
			f.note(Event{Kind: EventWarning, Warning: Warning{
				Reason: ReasonForgotten, At: f.status.Changed,
				Text: fmt.Sprintf("after a restart an older ring will be accepted: %v", err),
			}})
		}
	}
	f.mu.Unlock()
	f.tell()
	return err
}

// fail notes that there is no ring to take.
func (f *follower) fail(err error) {
	f.mu.Lock()
	f.refuse(err)
	f.mu.Unlock()
	f.tell()
}

func (f *follower) replace(next *Ring, rollback bool) error {
	now := f.watch.Now()
	have := f.ring.Load()
	kind, err := f.judge(have, next, rollback, now)
	if err != nil {
		return err
	}
	recovered := f.status.Err != nil
	f.status.Checked, f.status.Err = now, nil
	if kind == "" { // nothing new: the pointer stays, and with it what others have worked out for this ring
		if recovered {
			clear(f.told)
			f.note(Event{Kind: EventLoaded})
		}
		f.warn(have, nil, now)
		return nil
	}
	for _, k := range next.keys {
		f.seen[k.id] = k.fingerprint()
		if have != nil {
			// It counts on. A ring that was made from the one in use shares secrets with it, which others read.
			if old := have.Key(k.id); old != nil && old.secrets() != k.secrets() {
				k.secrets().aead = old.secrets().aead
			}
		}
	}
	f.ring.Store(next)
	f.status.Changed = now
	clear(f.told)
	f.note(Event{Kind: kind})
	f.warn(next, have, now)
	return nil
}

// judge says what it means to go from one ring to another, with an empty kind if they are the same.
func (f *follower) judge(have, next *Ring, rollback bool, now time.Time) (EventKind, error) {
	kind := EventLoaded
	if have == nil && next.version < f.least && !rollback {
		return "", fmt.Errorf("%w: version %d, and %s says %d: raise its version, or delete that file", ErrRollback, next.version, f.kept, f.least)
	}
	if have != nil {
		switch {
		case next.version < have.version && !rollback:
			return "", fmt.Errorf("%w: version %d after %d: raise its version, or accept the rollback", ErrRollback, next.version, have.version)
		case next.version < have.version:
			kind = EventRolledBack
		case same(have, next) && next.version == have.version:
			return "", nil
		case next.version == have.version && next.version != 0 && !rollback:
			return "", fmt.Errorf("%w: raise version %d with each change", ErrVersionReused, next.version)
		}
	}
	for _, k := range next.keys {
		if print, known := f.seen[k.id]; known && print != k.fingerprint() {
			return "", fmt.Errorf("%w: %q: give the new key an id of its own", ErrKeyReused, k.id)
		}
	}
	if f.longest > 0 {
		if err := next.Require(f.longest, now); err != nil {
			return "", err
		}
	}
	return kind, nil
}

func (f *follower) refuse(err error) {
	f.status.Err = err
	if f.ring.Load() == nil {
		return // the constructor returns it
	}
	if text := err.Error(); f.tellOnce("error " + text) {
		f.note(Event{Kind: EventRefused, Err: err})
	}
	f.warn(f.ring.Load(), nil, f.watch.Now())
}

// maxTold bounds what is remembered for an error whose text is another one each time.
const maxTold = 100

func (f *follower) tellOnce(what string) bool {
	if f.told[what] || len(f.told) >= maxTold {
		return false
	}
	f.told[what] = true
	return true
}

// warn tells of what is wrong with the ring in use, and of what will be within the horizon.
func (f *follower) warn(ring, before *Ring, now time.Time) {
	found := ring.check(max(f.policy.Session, f.longest), now)
	if before != nil {
		late, _ := CheckStep(before, ring, f.policy, now) // the constructor has checked the policy
		found = append(found, late...)
	}
	for _, k := range ring.keys {
		if n := k.Seals(); n >= f.watch.SealLimit && !k.Expired(now) && ring.Sealing(now) == k {
			found = append(found, Warning{Reason: ReasonSeals, KeyID: k.id, At: now, Text: fmt.Sprintf(
				"key %q has sealed more than %d tokens in this process: replace it earlier", k.id, f.watch.SealLimit)})
		}
	}
	for _, w := range found {
		if w.Reason == ReasonNoSpare || w.At.After(now.Add(f.watch.Horizon)) {
			continue
		}
		if f.tellOnce("warning " + string(w.Reason) + " " + w.KeyID) {
			f.note(Event{Kind: EventWarning, Warning: w})
		}
	}
}

func (f *follower) note(e Event) {
	e.Source, e.Version = f.source, f.ring.Load().version
	f.events = append(f.events, e)
}

func (f *follower) announce(e Event) {
	f.mu.Lock()
	f.note(e)
	f.mu.Unlock()
	f.tell()
}

// tell tells what was noted. The caller holds looking, so the order is right.
func (f *follower) tell() {
	f.mu.Lock()
	events := f.events
	f.events = nil
	f.mu.Unlock()
	for _, e := range events {
		if f.watch.Observe != nil {
			f.watch.Observe(e)
		}
		e.log(f.watch.Logger)
	}
}

// run calls look at once, then after each interval, and soon after a hint, until ctx ends.
func (f *follower) run(ctx context.Context, interval time.Duration, look func()) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		look()
		looked := time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		case <-f.hints:
			if err := wait(ctx, min(hintPause-time.Since(looked), interval)); err != nil {
				return err
			}
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
