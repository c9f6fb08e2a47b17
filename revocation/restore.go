package revocation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// restoreLost starts to write back what the store has lost, if it has lost our place. It goes on beside the reading: a store
// that lost everything has a lot to be told.
func (f *follower) restoreLost() {
	seen := f.seen.Load()
	if seen == nil {
		return
	}
	ctx, cancel := context.WithCancel(f.run)
	f.cancelRestore = cancel
	f.others.Go(func() {
		defer cancel()
		if f.restore(ctx, seen) {
			f.seen.CompareAndSwap(seen, nil)
		}
	})
}

// restoreBatch is small enough for any store to take it in one go.
const restoreBatch = 500

// restore adds to the store what the index has and seen has not, and reports whether that is all done.
func (l *List) restore(ctx context.Context, seen *index) bool {
	count := 0
	batch := make([]Entry, 0, restoreBatch)
	flush := func() bool {
		if len(batch) == 0 {
			return true
		}
		for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
			adding, cancel := context.WithTimeout(ctx, revokeTimeout)
			err := l.store.Add(adding, batch...)
			cancel()
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return false
			}
			l.failed(Event{Kind: EventFailed, Err: fmt.Errorf("writing back: %w", err), Context: ctx})
			sleep(ctx, wait/2+rand.N(wait/2))
		}
		count += len(batch)
		batch = batch[:0]
		return true
	}
	l.index.lost(seen, l.now(), l.Lifetime(), func(e Entry) bool {
		batch = append(batch, e)
		return len(batch) < restoreBatch || flush()
	})
	if !flush() {
		return false
	}
	if count > 0 {
		l.emit(Event{Kind: EventRestored, Count: count, Context: ctx})
	}
	return true
}

// lost calls f for the entries that other does not have, or has with an earlier cutoff or end, until f returns false.
func (x *index) lost(other *index, now time.Time, lifetime time.Duration, f func(Entry) bool) {
	x.mu.Lock()
	all := x.allEntry
	x.mu.Unlock()
	if all.Kind == All && !all.Until.Before(now) && !other.has(all) && !f(all) {
		return
	}
	for t := range x.names {
		more := x.names[t].each(nameKinds[t], func(e Entry) bool {
			have := other.names[t].find(e.Name)
			known := have != nil && have.cutoff >= e.Cutoff.UnixMilli() && have.until >= e.Until.UnixMilli()
			return known || e.Until.Before(now) || f(e)
		})
		if !more {
			return
		}
	}
	for t := range x.ids {
		for i := range x.ids[t].shards {
			more := true
			x.ids[t].each(i, func(k id, end tick) bool {
				if end < tickBefore(now) || other.ids[t].end(k) >= end {
					return true
				}
				more = f(idEntry(idKinds[t], k, end, now, lifetime))
				return more
			})
			if !more {
				return
			}
		}
	}
}

// has reports whether the index has the entry of kind all.
func (x *index) has(all Entry) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.allEntry.Kind == All && !x.allEntry.Cutoff.Before(all.Cutoff) && !x.allEntry.Until.Before(all.Until)
}

// idEntry makes an entry of what the index keeps of an id. When it was revoked and why is not kept; the cutoff is put early, so
// that an entry of the store that says more wins.
func idEntry(kind Kind, k id, end tick, now time.Time, lifetime time.Duration) Entry {
	e := Entry{Kind: kind, Name: k.sessionID(), Reason: "written back after the store had lost it"}
	if kind == Token {
		e.Name = k.tokenID()
	}
	if end == math.MaxInt64 {
		end = tickAfter(now.Add(lifetime))
	}
	e.Until = end.time()
	e.Cutoff = e.Until.Add(-lifetime - 3*tickMilli*time.Millisecond)
	if e.Cutoff.After(now) {
		e.Cutoff = now
	}
	return e
}
