package revocation_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

func TestReady(t *testing.T) {
	soon := func(list *revocation.List) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return list.Ready(ctx)
	}
	t.Run("with a list that nobody runs, not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			list, err := revocation.NewList(&revocation.Memory{}, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet})
			require.NoError(t, err)
			err = soon(list)
			require.ErrorIs(t, err, revocation.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorContains(t, err, "not loaded yet")
			require.ErrorContains(t, list.Check(context.Background(), claims("a session")), "not loaded yet (by List.Run)")
		})
	})
	t.Run("with a store that is out of reach, not, and the error says so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := newNode(t, &revocation.Memory{}, revocation.ListOptions{OnStale: revocation.Refuse})
			n.down.Store(true)
			ready := make(chan error)
			go func() { ready <- soon(n.List) }()
			synctest.Wait()
			n.start() // it fails after the question has begun
			defer n.stop()
			require.ErrorIs(t, <-ready, errDown)
		})
	})
	t.Run("when the list is loaded, however many wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := newNode(t, &revocation.Memory{}, revocation.ListOptions{OnStale: revocation.Refuse})
			n.slow.Store(int64(3 * time.Second))
			ready := make(chan error)
			for range 3 {
				go func() { ready <- n.Ready(context.Background()) }()
			}
			synctest.Wait()
			require.Empty(t, ready)
			n.start()
			defer n.stop()
			for range 3 {
				require.NoError(t, <-ready)
			}
			require.NoError(t, n.Check(context.Background(), claims("a session")))
			require.NoError(t, n.Ready(context.Background()))
		})
	})
	t.Run("when a list that became stale can tell again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := newNode(t, &revocation.Memory{}, revocation.ListOptions{OnStale: revocation.Refuse}).start()
			defer n.stop()
			require.NoError(t, n.Ready(context.Background()))
			n.down.Store(true)
			time.Sleep(11 * time.Second)
			err := soon(n.List)
			require.ErrorIs(t, err, revocation.ErrUnavailable)
			require.ErrorIs(t, err, errDown)
			require.ErrorContains(t, err, "the list is stale")

			began := time.Now()
			time.AfterFunc(time.Minute, func() { n.down.Store(false) })
			require.NoError(t, n.Ready(context.Background()))
			require.GreaterOrEqual(t, time.Since(began), time.Minute)
			require.True(t, n.Status().Current)
		})
	})
}
