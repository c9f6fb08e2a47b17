package revocation_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// dripping is a store that hands over what it has in batches that are some time apart, never so long that a list gives up.
type dripping struct {
	*revocation.Memory
	mu      sync.Mutex
	batches int // that the next read takes, 4 seconds each
}

func (d *dripping) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	d.mu.Lock()
	batches := d.batches
	d.batches = 0
	d.mu.Unlock()
	for range batches {
		time.Sleep(4 * time.Second)
		if err := apply(nil); err != nil {
			return "", err
		}
	}
	return d.Memory.Read(ctx, after, apply)
}

// A read that took longer than MaxStaleness leaves the list stale, so nobody is told that it has recovered; the next one does.
func TestAReadThatIsStaleDoesNotRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &dripping{Memory: &revocation.Memory{}}
		type told struct {
			kind    revocation.EventKind
			current bool
		}
		var (
			mu     sync.Mutex
			events []told
			list   *revocation.List
		)
		list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet, Observe: func(e revocation.Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, told{e.Kind, list.Status().Current})
		}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- list.Run(ctx) }()
		synctest.Wait()
		store.mu.Lock()
		store.batches = 5
		store.mu.Unlock()
		time.Sleep(time.Minute)
		cancel()
		<-done
		require.Equal(t, []told{{revocation.EventLoaded, true}, {revocation.EventStale, false}, {revocation.EventRecovered, true}}, events)
	})
}
