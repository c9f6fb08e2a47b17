package revocation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	forgetEvery = time.Minute
	sweepEvery  = 10 * time.Minute
)

// maintain tells when the list has become stale, and forgets what has expired.
func (l *List) maintain(ctx context.Context) {
	watch := time.NewTicker(l.maxStaleness / 8)
	defer watch.Stop()
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	began := time.Now()
	for {
		select {
		case <-watch.C:
			l.watchStaleness(ctx, began)
		case <-forget.C:
			l.index.forget(l.clock())
		case <-ctx.Done():
			return
		}
	}
}

// sweep has the store delete what has expired, now and then. All nodes do, at random times: it costs little when
// another one has just done it.
func (l *List) sweep(ctx context.Context, sweeper Sweeper) {
	for {
		sleep(ctx, sweepEvery/2+rand.N(sweepEvery))
		if ctx.Err() != nil {
			return
		}
		total, err := sweepAll(ctx, sweeper)
		if err != nil && ctx.Err() == nil {
			l.failed(Event{Kind: EventFailed, Err: fmt.Errorf("sweeping: %w", err), Context: ctx})
		}
		if total > 0 {
			l.emit(Event{Kind: EventSwept, Count: total, Context: ctx})
		}
	}
}

func sweepAll(ctx context.Context, sweeper Sweeper) (total int, err error) {
	for {
		sweeping, cancel := context.WithTimeout(ctx, time.Minute)
		n, err := sweeper.Sweep(sweeping)
		cancel()
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}
