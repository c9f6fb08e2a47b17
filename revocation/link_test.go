package revocation_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

var errDown = errors.New("connection refused")

// link is a node's connection to a store, which a test can make fail, hang and delay.
type link struct {
	*revocation.Memory
	down  atomic.Bool  // calls fail at once
	hung  atomic.Bool  // calls hang until their context ends
	slow  atomic.Int64 // nanoseconds that an answer takes at most, after the store has given it
	reads atomic.Int64
	adds  atomic.Int64
	deaf  atomic.Bool // no hint comes through
}

func (l *link) pass(ctx context.Context) error {
	if l.down.Load() {
		return errDown
	}
	if l.hung.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return ctx.Err()
}

func (l *link) delay(ctx context.Context) error {
	if d := l.slow.Load(); d > 0 {
		select {
		case <-time.After(time.Duration(rand.Int64N(d))):
		case <-ctx.Done():
		}
	}
	return l.pass(ctx) // the line may have been cut meanwhile
}

func (l *link) Add(ctx context.Context, entries ...revocation.Entry) error {
	l.adds.Add(int64(len(entries)))
	if err := l.pass(ctx); err != nil {
		return err
	}
	if err := l.Memory.Add(ctx, entries...); err != nil {
		return err
	}
	return l.delay(ctx)
}

func (l *link) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	l.reads.Add(1)
	if err := l.pass(ctx); err != nil {
		return nil, err
	}
	found, err := l.Memory.Lookup(ctx, names)
	return found, errors.Join(err, l.delay(ctx))
}

func (l *link) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	l.reads.Add(1)
	if err := l.pass(ctx); err != nil {
		return "", err
	}
	var batches [][]revocation.Entry
	next, err := l.Memory.Read(ctx, after, func(batch []revocation.Entry) error {
		batches = append(batches, batch)
		return nil
	})
	if err == nil {
		err = l.delay(ctx)
	}
	if err != nil {
		return "", err
	}
	for _, batch := range batches {
		if err := apply(batch); err != nil {
			return "", err
		}
	}
	return next, nil
}

func (l *link) Wait(ctx context.Context, after revocation.Cursor) error {
	if l.deaf.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := l.pass(ctx); err != nil {
		return err
	}
	return l.Memory.Wait(ctx, after)
}
