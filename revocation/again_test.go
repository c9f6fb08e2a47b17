package revocation_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// A Run that ends while the store is being given back what it had lost leaves the rest to the next one.
func TestRunAgainWritesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocation.Memory{}
		readOnly := &readOnly{link: &link{Memory: store}}
		list, err := revocation.NewList(readOnly, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet})
		require.NoError(t, err)
		run := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			require.ErrorIs(t, list.Run(ctx), context.DeadlineExceeded)
		}
		require.NoError(t, list.RevokeSession(t.Context(), "a", "x"))
		run(time.Minute)
		store.Wipe()
		readOnly.refuse.Store(true)
		run(time.Minute)
		require.Zero(t, store.Len())
		readOnly.refuse.Store(false)
		run(time.Minute)
		require.Equal(t, 1, store.Len())
	})
}

// A clock that is far ahead for no longer than it takes to read does not make a list lose what it has just read.
func TestClockAheadForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Bool
		store := &revocation.Memory{}
		glitch := &glitch{link: &link{Memory: store}, ahead: &ahead}
		list, err := revocation.NewList(glitch, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet, Now: func() time.Time {
			if ahead.Load() {
				return time.Now().Add(24 * time.Hour)
			}
			return time.Now()
		}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- list.Run(ctx) }()
		time.Sleep(time.Minute)
		require.NoError(t, store.Revoke(ctx, revocation.Entry{
			Kind: revocation.Session, Name: "a", Cutoff: time.Now(), Until: time.Now().Add(time.Hour),
		}))
		time.Sleep(time.Minute)
		require.ErrorIs(t, list.Check(ctx, claims("a")), revocation.ErrRevoked)
		cancel()
		<-done
	})
}

// glitch is a link whose node has a wrong clock while entries come in.
type glitch struct {
	*link
	ahead *atomic.Bool
}

func (g *glitch) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	return g.link.Read(ctx, after, func(batch []revocation.Entry) error {
		g.ahead.Store(after != "")
		defer g.ahead.Store(false)
		return apply(batch)
	})
}
