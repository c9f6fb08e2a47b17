package natsstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sealjar/sealjar/revocation"
)

// writers is how many messages of one Add are on their way at a time.
const writers = 64

// Add implements [revocation.Store].
func (s *Store) Add(ctx context.Context, entries ...revocation.Entry) error {
	byName := make(map[revocation.Name]revocation.Entry, len(entries))
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
		e = whole(e)
		name := revocation.Name{Kind: e.Kind, Name: e.Name}
		if have, found := byName[name]; found {
			e = have.Merge(e)
		}
		byName[name] = e
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan revocation.Entry)
	var running sync.WaitGroup
	for range min(writers, len(byName)) {
		running.Go(func() {
			for e := range work {
				if err := s.addOne(ctx, e); err != nil {
					cancel(err) // the first error is the one to tell
				}
			}
		})
	}
	for _, e := range byName {
		work <- e
	}
	close(work)
	running.Wait()
	return wrap("add", context.Cause(ctx))
}

// addOne merges an entry with what is there by compare-and-swap.
func (s *Store) addOne(ctx context.Context, e revocation.Entry) error {
	subject := s.subject(revocation.Name{Kind: e.Kind, Name: e.Name})
	var at uint64 // most names are new
	for {
		err := s.swap(ctx, subject, e, at)
		if err == nil || !isConflict(err) {
			return err
		}
		have, seq, err := s.current(ctx, subject)
		if err != nil {
			return err
		}
		if seq > 0 {
			merged := have.Merge(e)
			if merged == have {
				return nil
			}
			e = merged
		}
		if seq == at { // another one is on its way, and not there yet
			if err := pause(ctx, time.Duration(1+rand.IntN(5))*time.Millisecond); err != nil {
				return err
			}
		}
		at = seq
	}
}

// margin is how much longer than an entry its message lives, for clocks that differ. forever is as long as any message need live.
const margin, forever = time.Minute, 100 * 365 * 24 * time.Hour

// swap writes an entry if the last message of its subject has the sequence at, or with 0, if there is none.
func (s *Store) swap(ctx context.Context, subject string, e revocation.Entry, at uint64) error {
	live := min(max(e.Until.Sub(s.options.Now()), 0), forever) + margin
	live = (live + time.Second - 1).Truncate(time.Second) // the server counts whole seconds
	_, err := s.js.Publish(ctx, subject, encode(e), jetstream.WithExpectLastSequencePerSubject(at), jetstream.WithMsgTTL(live))
	return err
}

func isConflict(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
