package revocation_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

func newDirect(t testing.TB, store *revocation.Memory, o revocation.DirectOptions) (*revocation.Direct, *link) {
	l := &link{Memory: store}
	o.Logger = quiet
	if o.OnError == 0 {
		o.OnError = revocation.Refuse
	}
	d, err := revocation.NewDirect(l, o)
	require.NoError(t, err)
	return d, l
}

func TestDirectOptions(t *testing.T) {
	store := &revocation.Memory{}
	for name, test := range map[string]struct {
		store revocation.Store
		o     revocation.DirectOptions
		says  string
	}{
		"no store":          {nil, revocation.DirectOptions{OnError: revocation.Refuse}, "store"},
		"no policy":         {store, revocation.DirectOptions{}, "OnError"},
		"cache too long":    {store, revocation.DirectOptions{OnError: revocation.Refuse, Cache: time.Hour}, "Cache"},
		"cache negative":    {store, revocation.DirectOptions{OnError: revocation.Refuse, Cache: -1}, "Cache"},
		"timeout too long":  {store, revocation.DirectOptions{OnError: revocation.Refuse, Timeout: time.Hour}, "Timeout"},
		"lifetime negative": {store, revocation.DirectOptions{OnError: revocation.Refuse, Lifetime: -1}, "Lifetime"},
	} {
		t.Run(name+" refused", func(t *testing.T) {
			_, err := revocation.NewDirect(test.store, test.o)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// Each kind of entry refuses, and what another process has recorded counts at once.
func TestDirectAsks(t *testing.T) {
	ctx := context.Background()
	c := claims("s")
	for _, test := range []struct {
		kind    revocation.Kind
		name    string
		cutoff  time.Time
		refused bool
	}{
		{revocation.Session, "s", c.AuthTime.Add(-time.Hour), true},
		{revocation.Token, c.TokenID, c.AuthTime.Add(-time.Hour), true},
		{revocation.Subject, "alice", c.AuthTime, true},
		{revocation.Subject, "alice", c.AuthTime.Add(-time.Second), false},
		{revocation.Group, "g", c.AuthTime, true},
		{revocation.Key, "k1", c.AuthTime, true},
		{revocation.All, "", c.AuthTime, true},
		{revocation.Session, "alice", c.AuthTime, false},
	} {
		t.Run(fmt.Sprint(test.kind, " ", test.name, " ", test.refused), func(t *testing.T) {
			store := &revocation.Memory{}
			d, l := newDirect(t, store, revocation.DirectOptions{})
			require.NoError(t, d.Check(ctx, c))
			require.EqualValues(t, 1, l.reads.Load(), "one round trip")
			require.NoError(t, store.Add(ctx, revocation.Entry{
				Kind: test.kind, Name: test.name, Cutoff: test.cutoff, Until: time.Now().Add(time.Hour),
			}))
			if !test.refused {
				require.NoError(t, d.Check(ctx, c))
				return
			}
			require.ErrorIs(t, d.Check(ctx, c), revocation.ErrRevoked)
			require.ErrorIs(t, d.Confirm(ctx, c), revocation.ErrRevoked)
		})
	}
}

// A store that does not answer is what the policy says it is, after the timeout.
func TestDirectPolicy(t *testing.T) {
	for _, trouble := range []func(*link){func(l *link) { l.down.Store(true) }, func(l *link) { l.hung.Store(true) }} {
		synctest.Test(t, func(t *testing.T) {
			refusing, l := newDirect(t, &revocation.Memory{}, revocation.DirectOptions{Timeout: 2 * time.Second})
			trouble(l)
			began := time.Now()
			require.ErrorIs(t, refusing.Check(t.Context(), claims("s")), revocation.ErrUnavailable)
			require.LessOrEqual(t, time.Since(began), 2*time.Second)
			require.Error(t, refusing.RevokeSession(t.Context(), "s", ""))

			allowing, l := newDirect(t, &revocation.Memory{}, revocation.DirectOptions{OnError: revocation.Allow})
			trouble(l)
			require.NoError(t, allowing.Check(t.Context(), claims("s")))
			require.ErrorIs(t, allowing.Confirm(t.Context(), claims("s")), revocation.ErrUnavailable)
		})
	}
}

// An answer is used again for as long as the options say, counted from the question, and no longer. What this process
// revokes counts at once.
func TestDirectCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store := t.Context(), &revocation.Memory{}
		d, l := newDirect(t, store, revocation.DirectOptions{Cache: time.Second})
		l.slow.Store(int64(500 * time.Millisecond))
		asked := time.Now()
		require.NoError(t, d.Check(ctx, claims("s")))
		l.slow.Store(0)
		other := claims("other")
		other.Subject = "bob"
		require.NoError(t, d.Check(ctx, other))
		reads := l.reads.Load()
		require.NoError(t, store.Revoke(ctx, revocation.Entry{
			Kind: revocation.Session, Name: "s", Cutoff: time.Now(), Until: time.Now().Add(time.Hour),
		}))
		time.Sleep(time.Second - time.Since(asked) - 1)
		require.NoError(t, d.Check(ctx, claims("s")))
		require.Equal(t, reads, l.reads.Load())
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, d.Check(ctx, claims("s")), revocation.ErrRevoked)
		require.ErrorIs(t, d.Check(ctx, claims("s")), revocation.ErrRevoked)
		require.Equal(t, reads+1, l.reads.Load())

		require.NoError(t, d.Check(ctx, other))
		require.NoError(t, d.RevokeSubject(ctx, "bob", time.Now(), ""))
		require.ErrorIs(t, d.Check(ctx, other), revocation.ErrRevoked)
	})
}

// An answer that was on its way while this process revoked is not kept.
func TestDirectCacheAndAnAnswerThatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, l := newDirect(t, &revocation.Memory{}, revocation.DirectOptions{Cache: time.Minute})
		l.slow.Store(int64(900 * time.Millisecond))
		var asking sync.WaitGroup
		for range 20 {
			asking.Go(func() { _ = d.Check(t.Context(), claims("s")) })
		}
		synctest.Wait()
		l.slow.Store(0)
		require.NoError(t, d.RevokeSession(t.Context(), "s", ""))
		asking.Wait()
		require.ErrorIs(t, d.Check(t.Context(), claims("s")), revocation.ErrRevoked)
	})
}

// The cache is bounded, whatever strangers send.
func TestDirectCacheIsBounded(t *testing.T) {
	d, l := newDirect(t, &revocation.Memory{}, revocation.DirectOptions{Cache: time.Minute})
	for i := range 20_000 {
		require.NoError(t, d.Check(t.Context(), revocation.Claims{SessionID: sid(uint64(i))}))
	}
	require.LessOrEqual(t, d.Cached(), 2*4096)
	reads := l.reads.Load()
	require.NoError(t, d.Check(t.Context(), revocation.Claims{SessionID: sid(19_999)}))
	require.Equal(t, reads, l.reads.Load())
}

// A client that was revoked and hangs up at once makes the question fail, and nothing is wrong with the store: the
// policy for outages does not let it in.
func TestDirectAllowIsNotForWhoHangsUp(t *testing.T) {
	store := &revocation.Memory{}
	d, _ := newDirect(t, store, revocation.DirectOptions{OnError: revocation.Allow})
	require.NoError(t, d.RevokeSession(t.Context(), "s", "ended"))
	ctx, hangUp := context.WithCancel(t.Context())
	require.ErrorIs(t, d.Check(ctx, claims("s")), revocation.ErrRevoked)
	hangUp()
	require.ErrorIs(t, d.Check(ctx, claims("s")), revocation.ErrUnavailable)
}

// late holds back its first answer.
type late struct {
	*revocation.Memory
	questions atomic.Int64
	hold      chan struct{}
}

func (l *late) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	found, err := l.Memory.Lookup(ctx, names)
	if l.questions.Add(1) == 1 {
		<-l.hold
	}
	return found, err
}

// Of two answers the one to the later question counts, though it came first: who was refused is not let in again.
func TestDirectAnswersOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &late{Memory: &revocation.Memory{}, hold: make(chan struct{})}
		d, err := revocation.NewDirect(store, revocation.DirectOptions{OnError: revocation.Refuse, Cache: time.Minute, Logger: quiet})
		require.NoError(t, err)
		first := make(chan error)
		go func() { first <- d.Check(t.Context(), claims("s")) }()
		synctest.Wait()
		time.Sleep(time.Millisecond)
		require.NoError(t, store.Revoke(t.Context(), revocation.Entry{
			Kind: revocation.Session, Name: "s", Cutoff: time.Now(), Until: time.Now().Add(time.Hour),
		}))
		require.ErrorIs(t, d.Check(t.Context(), claims("s")), revocation.ErrRevoked)
		close(store.hold)
		require.NoError(t, <-first)
		require.ErrorIs(t, d.Check(t.Context(), claims("s")), revocation.ErrRevoked)
	})
}

// A time that has no number of milliseconds is refused, and not taken for one long ago.
func TestTheEndOfTimeIsRefused(t *testing.T) {
	d, _ := newDirect(t, &revocation.Memory{}, revocation.DirectOptions{})
	require.ErrorContains(t, d.RevokeSubject(t.Context(), "alice", time.Unix(1<<60, 0), "for ever"), "9999")

	year10000 := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	until := func(end time.Time) error {
		return revocation.Entry{Kind: revocation.All, Cutoff: time.Now(), Until: end}.Check()
	}
	require.NoError(t, until(year10000.Add(-time.Millisecond)))
	for _, end := range []time.Time{year10000, time.Unix(1<<40, 0), time.Unix(1<<56, 0)} { // in the last, a Year of 32 bits is negative
		require.ErrorContains(t, until(end), "9999")
	}
}
