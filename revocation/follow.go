package revocation

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Run follows the store until ctx ends, and returns the error of ctx. Whatever the store answers, it goes on; no goroutine of
// it is left when it returns. Where there was a Run before, it goes on from there. A second Run at the same time is an error.
func (l *List) Run(ctx context.Context) error {
	if !l.running.CompareAndSwap(false, true) {
		return errors.New("revocation: the list runs already")
	}
	defer l.running.Store(false)
	var others sync.WaitGroup
	defer others.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	others.Go(func() { l.maintain(ctx) })
	if sweeper, ok := l.store.(Sweeper); ok {
		others.Go(func() { l.sweep(ctx, sweeper) })
	}
	if l.seen.Load() != nil {
		l.cursor = "" // an earlier Run ended before the store had been given back what it had lost
	}
	f := follower{List: l, run: ctx, others: &others, cancelRestore: func() {}}
	for ctx.Err() == nil {
		f.step()
	}
	return ctx.Err()
}

// follower is the state of one Run.
type follower struct {
	*List
	run           context.Context
	others        *sync.WaitGroup
	failures      int  // since the last complete read
	blind         int  // failures to wait, in a row
	hinted        bool // the store said that there may be something
	idle          int  // hints in a row after which there was nothing
	cancelRestore func()
}

// step reads once and waits until it is time to read again.
func (f *follower) step() {
	ctx := f.run
	f.watchClock()
	switch err := f.read(); {
	case ctx.Err() != nil:
	case errors.Is(err, ErrCursor) && f.cursor != "":
		f.mu.Lock()
		f.status.Resyncs++
		f.mu.Unlock()
		f.cursor = ""
		f.seen.Store(newIndex())
		f.cancelRestore()
		f.failed(Event{Kind: EventResync, Err: err, Context: ctx})
		f.backOff(ctx, &f.failures)
	case err != nil:
		f.failed(Event{Kind: EventFailed, Err: err, Context: ctx})
		f.backOff(ctx, &f.failures)
	default:
		f.failures = 0
		f.wait(ctx)
	}
}

var errClock = errors.New("revocation: the clock was set back")

// clock is the time by which entries are left out or forgotten. It is noted, so that watchClock hears of one that was
// far ahead for a moment.
func (l *List) clock() time.Time {
	now := l.now()
	for {
		latest := l.latest.Load()
		if now.UnixMilli() <= latest || l.latest.CompareAndSwap(latest, now.UnixMilli()) {
			return now
		}
	}
}

// watchClock has everything read again when the clock was set back by so much that entries may have been forgotten that
// count again. Until then the list can't tell.
func (f *follower) watchClock() {
	now := f.now()
	if latest := time.UnixMilli(f.latest.Swap(now.UnixMilli())); now.Before(latest.Add(-forgetMargin)) {
		f.cursor = ""
		f.until.Store(&time.Time{})
		f.failed(Event{Kind: EventResync, Err: errClock, Context: f.run})
	}
}

var errSilent = errors.New("revocation: the store has not answered in time")

// read reads what is new. The list is as fresh as the moment at which the read was sent.
func (f *follower) read() error {
	ctx, cancel := context.WithCancelCause(f.run)
	defer cancel(nil)
	// A long read is good as long as it goes on.
	watchdog := time.AfterFunc(f.maxStaleness, func() { cancel(errSilent) })
	defer watchdog.Stop()

	whole := f.cursor == ""
	if whole && f.seen.Load() != nil {
		f.seen.Store(newIndex()) // not what an earlier attempt saw
	}
	n, sent := 0, time.Now()
	pages := pages{take: f.take}
	next, err := f.store.Read(ctx, f.cursor, func(batch []Entry) error {
		watchdog.Reset(f.maxStaleness)
		n += len(batch)
		pages.add(batch)
		return nil
	})
	pages.wait() // what was read is in the list before the list counts as current
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, ErrCursor) {
			err = cause
		}
		return err
	}
	f.cursor = next
	switch {
	case n > 0:
		f.idle = 0
	case f.hinted:
		f.idle++
	}
	f.succeeded(f.run, sent)
	if whole {
		f.mu.Lock()
		f.status.Loaded = f.now()
		f.mu.Unlock()
		f.emit(Event{Kind: EventLoaded, Count: n, Context: f.run})
		f.restoreLost()
	}
	return nil
}

// take takes entries into the list.
func (f *follower) take(batch []Entry) {
	now := f.clock()
	f.index.add(batch, now)
	if seen := f.seen.Load(); seen != nil {
		seen.add(batch, now)
	}
}

// wait returns when it is time to read: after a hint of the store, or well before the list becomes stale.
func (f *follower) wait(ctx context.Context) {
	began := time.Now()
	// The list is as old as the question already. After a long read it may be stale, and there is nothing to wait for.
	waiting, cancel := context.WithDeadline(ctx, f.until.Load().Add(-f.maxStaleness*3/4))
	defer cancel()
	err := f.store.Wait(waiting, f.cursor)
	if err != nil && waiting.Err() == nil {
		f.failed(Event{Kind: EventFailed, Err: err, Context: ctx})
		f.backOff(ctx, &f.blind)
		return
	}
	f.blind, f.hinted = 0, err == nil
	// A store under a stream of writes is not asked more often than every millisecond, and one whose hints mean nothing
	// ever more seldom.
	sleep(ctx, time.Millisecond<<min(f.idle, 6)-time.Since(began))
}

// backOff waits for longer after each failure, and never so long that one more failure makes the list stale.
func (f *follower) backOff(ctx context.Context, failures *int) {
	d := min(50*time.Millisecond<<min(*failures, 6), f.maxStaleness/4)
	*failures++
	sleep(ctx, d/2+rand.N(d/2)) // nodes that failed together don't come back together
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
