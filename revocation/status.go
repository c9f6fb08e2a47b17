package revocation

import (
	"context"
	"fmt"
	"time"
)

// Status is what a health check or a dashboard wants to know about a list.
type Status struct {
	// Entries is how many entries the list holds, and Bytes about how much memory they take. What has expired counts
	// until it is forgotten.
	Entries, Bytes int64
	// Current says that the list can tell who was revoked.
	Current bool
	// Staleness is how long ago the last complete read of the store was sent; if there was none, how long ago the list was made.
	Staleness time.Duration
	// Loaded is when everything was read for the last time, zero if never. The list has followed the store since.
	Loaded time.Time
	// Resyncs is how often the store did not know the place from which to go on.
	Resyncs int
	// Err is the last error of the store, and ErrTime when it came. They stay after the store has recovered.
	Err     error
	ErrTime time.Time
}

// Status tells how the list is. It is cheap.
func (l *List) Status() Status {
	l.mu.Lock()
	s := l.status
	l.mu.Unlock()
	s.Entries, s.Bytes = l.index.size()
	until := l.until.Load()
	s.Current, s.Staleness = !isStale(until), time.Since(l.started)
	if !until.IsZero() {
		s.Staleness = time.Since(*until) + l.maxStaleness
	}
	return s
}

// Ready waits until the list can tell who was revoked, as a server does between [List.Run] and its first request. It returns nil
// then, and at once if the list can tell already; if ctx ends before, an error that matches [ErrUnavailable] and says what
// the store's last error was.
func (l *List) Ready(ctx context.Context) error {
	for {
		l.mu.Lock()
		until := l.until.Load()
		if !isStale(until) {
			l.mu.Unlock()
			return nil
		}
		if l.fresh == nil {
			l.fresh = make(chan struct{})
		}
		fresh := l.fresh
		l.mu.Unlock()
		select {
		case <-fresh:
		case <-ctx.Done():
			if err := l.Status().Err; err != nil {
				return fmt.Errorf("%w: %w: %w", staleError(until), context.Cause(ctx), err)
			}
			return fmt.Errorf("%w: %w", staleError(until), context.Cause(ctx))
		}
	}
}

// succeeded notes a complete read that was sent at that time.
func (l *List) succeeded(ctx context.Context, sent time.Time) {
	until := sent.Add(l.maxStaleness)
	l.until.Store(&until)
	l.mu.Lock()
	// A read that took longer than MaxStaleness tells what was, and not that the list can tell again.
	recovered := l.stale && !isStale(&until)
	l.stale = l.stale && !recovered
	if l.fresh != nil {
		close(l.fresh)
		l.fresh = nil
	}
	l.mu.Unlock()
	if recovered {
		l.emit(Event{Kind: EventRecovered, Context: ctx})
	}
}

// failed notes an error of the store.
func (l *List) failed(e Event) {
	l.mu.Lock()
	l.status.Err, l.status.ErrTime = e.Err, l.now()
	l.mu.Unlock()
	l.emit(e)
}

// watchStaleness tells once when the list has become stale, or could not be loaded in time after Run began.
func (l *List) watchStaleness(ctx context.Context, began time.Time) {
	l.mu.Lock()
	tell := !l.stale && isStale(l.until.Load()) && time.Since(began) >= l.maxStaleness
	l.stale = l.stale || tell
	err := l.status.Err
	l.mu.Unlock()
	if tell {
		l.emit(Event{Kind: EventStale, Err: err, Context: ctx})
	}
}
