package revocation_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

var quiet = slog.New(slog.DiscardHandler)

// node is a list that runs.
type node struct {
	*revocation.List
	*link
	stop   func()
	mu     sync.Mutex
	events []revocation.Event
}

func newNode(t testing.TB, store *revocation.Memory, o revocation.ListOptions) *node {
	n := &node{link: &link{Memory: store}}
	o.Logger = quiet
	o.Observe = func(e revocation.Event) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.events = append(n.events, e)
	}
	if o.OnStale == 0 {
		o.OnStale = revocation.Refuse
	}
	list, err := revocation.NewList(n.link, o)
	require.NoError(t, err)
	n.List = list
	return n
}

func (n *node) start() *node {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	n.stop = func() { cancel(); <-done }
	return n
}

func (n *node) kinds() (kinds []revocation.EventKind) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// Check is of the list, and not of the store behind the link.
func (n *node) Check(ctx context.Context, c revocation.Claims) error { return n.List.Check(ctx, c) }

func (n *node) Revoke(ctx context.Context, e revocation.Entry) error { return n.List.Revoke(ctx, e) }

func claims(session string) revocation.Claims {
	return revocation.Claims{SessionID: session, Subject: "alice", KeyID: "k1", TokenID: "q83vEjRWeJq83u8B", Groups: []string{"g"}, AuthTime: time.Now()}
}

func TestListOptions(t *testing.T) {
	store := &revocation.Memory{}
	for name, test := range map[string]struct {
		store revocation.Store
		o     revocation.ListOptions
		says  string
	}{
		"no store":              {nil, revocation.ListOptions{OnStale: revocation.Refuse}, "store"},
		"no policy":             {store, revocation.ListOptions{}, "OnStale"},
		"unknown policy":        {store, revocation.ListOptions{OnStale: 3}, "OnStale"},
		"staleness too short":   {store, revocation.ListOptions{OnStale: revocation.Allow, MaxStaleness: time.Millisecond}, "MaxStaleness"},
		"staleness negative":    {store, revocation.ListOptions{OnStale: revocation.Allow, MaxStaleness: -1}, "MaxStaleness"},
		"staleness too long":    {store, revocation.ListOptions{OnStale: revocation.Allow, MaxStaleness: 2 * time.Hour}, "MaxStaleness"},
		"lifetime negative":     {store, revocation.ListOptions{OnStale: revocation.Allow, Lifetime: -1}, "Lifetime"},
		"lifetime of a century": {store, revocation.ListOptions{OnStale: revocation.Allow, Lifetime: 100 * 365 * 24 * time.Hour}, "Lifetime"},
	} {
		t.Run(name+" refused", func(t *testing.T) {
			_, err := revocation.NewList(test.store, test.o)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// A list that has not read the store yet, or not for too long, does what the policy says. What it knows to be revoked it
// refuses in any case.
func TestPolicy(t *testing.T) {
	for _, policy := range []revocation.Policy{revocation.Refuse, revocation.Allow} {
		synctest.Test(t, func(t *testing.T) {
			requireUnknown := func(err error) {
				t.Helper()
				if policy == revocation.Allow {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, revocation.ErrUnavailable)
				require.NotErrorIs(t, err, revocation.ErrRevoked)
			}
			ctx := t.Context()
			n := newNode(t, &revocation.Memory{}, revocation.ListOptions{OnStale: policy})
			requireUnknown(n.Check(ctx, claims("a")))
			require.ErrorIs(t, n.Confirm(ctx, claims("a")), revocation.ErrUnavailable)
			require.NoError(t, n.RevokeSession(ctx, "b", ""))
			require.ErrorIs(t, n.Check(ctx, claims("b")), revocation.ErrRevoked)

			n.start()
			defer func() { n.stop() }()
			synctest.Wait()
			require.NoError(t, n.Check(ctx, claims("a")))
			require.NoError(t, n.Confirm(ctx, claims("a")))
			time.Sleep(time.Hour) // nothing happens, and the list stays current
			require.NoError(t, n.Confirm(ctx, claims("a")))

			n.down.Store(true)
			time.Sleep(7 * time.Second) // it had read at most 2.5 seconds before
			require.NoError(t, n.Confirm(ctx, claims("a")))
			time.Sleep(3*time.Second + time.Millisecond)
			requireUnknown(n.Check(ctx, claims("a")))
			require.ErrorIs(t, n.Confirm(ctx, claims("a")), revocation.ErrUnavailable)
			require.ErrorIs(t, n.Check(ctx, claims("b")), revocation.ErrRevoked)
			require.ErrorIs(t, n.Confirm(ctx, claims("b")), revocation.ErrRevoked)
			time.Sleep(2 * time.Second)
			require.False(t, n.Status().Current)
			require.ErrorIs(t, n.Status().Err, errDown)

			n.down.Store(false)
			time.Sleep(3 * time.Second)
			require.NoError(t, n.Confirm(ctx, claims("a")))
			require.True(t, n.Status().Current)
			require.Contains(t, n.kinds(), revocation.EventStale)
			require.Contains(t, n.kinds(), revocation.EventRecovered)
		})
	}
}

// A store that takes the question and never answers is as bad as one that is away, and does not hold the list for ever.
func TestHungStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{}).start()
		synctest.Wait()
		n.hung.Store(true)
		time.Sleep(time.Minute)
		require.ErrorIs(t, n.Check(t.Context(), claims("a")), revocation.ErrUnavailable)
		require.Error(t, n.RevokeSession(t.Context(), "a", ""))
		n.hung.Store(false)
		time.Sleep(13 * time.Second)
		require.NoError(t, n.Check(t.Context(), claims("a")))
		n.hung.Store(true)
		time.Sleep(5 * time.Second)
		n.stop() // it ends also while the store hangs
	})
}

// All nodes refuse as soon as they hear of it, and the one that was told at once.
func TestRevoke(t *testing.T) {
	ctx := context.Background()
	at := func() time.Time { return time.Now() }
	for name, test := range map[string]struct {
		revoke  func(l *revocation.List) error
		refused bool
	}{
		"its session refused":             {func(l *revocation.List) error { return l.RevokeSession(ctx, "q83vEjRWeJq83u8BI0VniQ", "x") }, true},
		"another session allowed":         {func(l *revocation.List) error { return l.RevokeSession(ctx, "q83vEjRWeJq83u8BI0VniA", "x") }, false},
		"its token refused":               {func(l *revocation.List) error { return l.RevokeToken(ctx, "q83vEjRWeJq83u8B", "x") }, true},
		"another token allowed":           {func(l *revocation.List) error { return l.RevokeToken(ctx, "q83vEjRWeJq83u8C", "x") }, false},
		"a session named as the token":    {func(l *revocation.List) error { return l.RevokeSession(ctx, "q83vEjRWeJq83u8B", "x") }, false},
		"its subject refused":             {func(l *revocation.List) error { return l.RevokeSubject(ctx, "alice", at(), "x") }, true},
		"its subject, before it, allowed": {func(l *revocation.List) error { return l.RevokeSubject(ctx, "alice", at().Add(-time.Second), "x") }, false},
		"another subject allowed":         {func(l *revocation.List) error { return l.RevokeSubject(ctx, "Alice", at(), "x") }, false},
		"its group refused":               {func(l *revocation.List) error { return l.RevokeGroup(ctx, "g", at(), "x") }, true},
		"another group allowed":           {func(l *revocation.List) error { return l.RevokeGroup(ctx, "h", at(), "x") }, false},
		"its key refused":                 {func(l *revocation.List) error { return l.RevokeKey(ctx, "k1", "x") }, true},
		"another key allowed":             {func(l *revocation.List) error { return l.RevokeKey(ctx, "k2", "x") }, false},
		"all refused":                     {func(l *revocation.List) error { return l.RevokeAll(ctx, at(), "x") }, true},
		"all before allowed":              {func(l *revocation.List) error { return l.RevokeAll(ctx, at().Add(-time.Second), "x") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &revocation.Memory{}
				a, b := newNode(t, store, revocation.ListOptions{}).start(), newNode(t, store, revocation.ListOptions{}).start()
				defer func() { a.stop(); b.stop() }()
				synctest.Wait()
				c := claims("q83vEjRWeJq83u8BI0VniQ")
				require.NoError(t, a.Check(ctx, c))
				require.NoError(t, test.revoke(a.List))
				check := func(n *node) {
					if !test.refused {
						require.NoError(t, n.Check(ctx, c))
						return
					}
					require.ErrorIs(t, n.Check(ctx, c), revocation.ErrRevoked)
				}
				check(a)
				time.Sleep(2 * time.Millisecond)
				check(b)
				late := newNode(t, store, revocation.ListOptions{}).start()
				synctest.Wait()
				check(late)
				late.stop()
			})
		})
	}
}

// A stolen key makes tokens of any sign-in time, also of later ones.
func TestRevokeKeyRefusesLaterSignIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{}).start()
		defer func() { n.stop() }()
		synctest.Wait()
		require.NoError(t, n.RevokeKey(t.Context(), "k1", "leaked"))
		time.Sleep(24 * time.Hour)
		require.ErrorIs(t, n.Check(t.Context(), claims("a")), revocation.ErrRevoked)
	})
}

// An error means that nothing was promised: the session is not refused here either, so that one that could not be renewed
// for an outage lives on. A client that hangs up changes nothing.
func TestRevokeErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{}).start()
		defer func() { n.stop() }()
		synctest.Wait()
		n.down.Store(true)
		require.ErrorIs(t, n.RevokeSession(t.Context(), "a", "x"), errDown)
		require.NoError(t, n.Check(t.Context(), claims("a")))
		n.down.Store(false)

		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, n.RevokeSession(gone, "a", "x"))
		require.ErrorIs(t, n.Check(t.Context(), claims("a")), revocation.ErrRevoked)

		require.Error(t, n.RevokeSession(t.Context(), "", "x"))
		require.Error(t, n.RevokeSubject(t.Context(), "s", time.Time{}, "x"))
		require.Error(t, n.RevokeSubject(t.Context(), "s", time.Now(), strings.Repeat("x", 256)))
		require.Contains(t, n.kinds(), revocation.EventRevoked)
	})
}

// An entry lives as long as the last token that it can refuse.
func TestLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * time.Hour
		for _, test := range []struct {
			name                 string
			configured, jar, ask time.Duration
			cutoff               time.Duration
		}{
			{"nobody knows: as long as any cookie", 0, 0, 400 * day, 0},
			{"a jar has said it", 0, 30 * day, 30 * day, 0},
			{"configured", 90 * day, 30 * day, 90 * day, 0},
			{"configured too short", 10 * day, 30 * day, 30 * day, 0},
			{"a cutoff to come", 0, 30 * day, 31 * day, day},
			{"a cutoff in the past", 0, 30 * day, 30 * day, -day},
		} {
			n := newNode(t, &revocation.Memory{}, revocation.ListOptions{Lifetime: test.configured})
			n.Outlive(test.jar)
			n.Outlive(test.jar / 2) // another jar of the process
			now := time.Now()
			require.NoError(t, n.RevokeSubject(t.Context(), "s", now.Add(test.cutoff), "x"))
			found, err := n.Memory.Lookup(t.Context(), []revocation.Name{{Kind: revocation.Subject, Name: "s"}})
			require.NoError(t, err)
			require.Equal(t, test.ask, found[0].Until.Sub(now.Truncate(time.Millisecond)), test.name)
		}
	})
}

// Everywhere returns MaxStaleness later, and not before.
func TestEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{MaxStaleness: 20 * time.Second})
		began := time.Now()
		require.NoError(t, n.Everywhere(t.Context()))
		require.GreaterOrEqual(t, time.Since(began), 20*time.Second)
		require.Less(t, time.Since(began), 21*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, n.Everywhere(ctx), context.DeadlineExceeded)

		began = time.Now()
		allowing := newNode(t, &revocation.Memory{}, revocation.ListOptions{OnStale: revocation.Allow})
		require.Error(t, allowing.Everywhere(t.Context()))
		require.Zero(t, time.Since(began))
	})
}

// A list that runs is one; it goes on from where it was after a pause, and knows what it must not claim.
func TestRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocation.Memory{}
		n := newNode(t, store, revocation.ListOptions{}).start()
		synctest.Wait()
		require.Error(t, n.Run(t.Context()))
		n.stop()
		require.NoError(t, store.Revoke(t.Context(), revocation.Entry{
			Kind: revocation.Session, Name: "a", Cutoff: time.Now(), Until: time.Now().Add(time.Hour),
		}))
		require.NoError(t, n.Check(t.Context(), claims("a")))
		time.Sleep(10*time.Second + time.Millisecond)
		require.ErrorIs(t, n.Check(t.Context(), claims("b")), revocation.ErrUnavailable)

		n.start()
		synctest.Wait()
		require.ErrorIs(t, n.Check(t.Context(), claims("a")), revocation.ErrRevoked)
		require.NoError(t, n.Check(t.Context(), claims("b")))
		n.stop()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, n.Run(ctx), context.Canceled)
	})
}

// A store whose hints do not come through is polled; one whose hints mean nothing is not asked without end.
func TestHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocation.Memory{}
		deaf, other := newNode(t, store, revocation.ListOptions{}), newNode(t, store, revocation.ListOptions{})
		deaf.deaf.Store(true)
		deaf.start()
		defer func() { deaf.stop() }()
		synctest.Wait()
		require.NoError(t, other.RevokeSession(t.Context(), "a", "x"))
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		require.ErrorIs(t, deaf.Check(t.Context(), claims("a")), revocation.ErrRevoked)
	})
	synctest.Test(t, func(t *testing.T) {
		store := &babbler{}
		list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, list.Run(ctx), context.DeadlineExceeded)
		require.Less(t, store.reads, 1200)
	})
}

// babbler says all the time that there may be something.
type babbler struct {
	revocation.Memory
	reads int
}

func (b *babbler) Wait(ctx context.Context, _ revocation.Cursor) error { return ctx.Err() }

func (b *babbler) Read(ctx context.Context, c revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	b.reads++
	return b.Memory.Read(ctx, c, apply)
}

// A store that lost everything is noticed, and given back what the nodes know; nothing is accepted again meanwhile.
func TestStoreThatLostItsData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := &revocation.Memory{}
		a, b := newNode(t, store, revocation.ListOptions{}).start(), newNode(t, store, revocation.ListOptions{}).start()
		defer func() { a.stop(); b.stop() }()
		synctest.Wait()
		now := time.Now()
		sids := make([]string, 3000)
		for i := range sids {
			sids[i] = sid(uint64(i))
			require.NoError(t, a.RevokeSession(ctx, sids[i], "ended"))
		}
		require.NoError(t, a.RevokeSession(ctx, "of another form", "ended"))
		require.NoError(t, a.RevokeToken(ctx, "q83vEjRWeJq83u8B", "ended"))
		require.NoError(t, a.RevokeSubject(ctx, "alice", now, "left"))
		require.NoError(t, a.RevokeGroup(ctx, "g", now, "left"))
		require.NoError(t, a.RevokeKey(ctx, "k", "leaked"))
		require.NoError(t, a.RevokeAll(ctx, now.Add(-time.Hour), "drill"))
		require.NoError(t, a.Revoke(ctx, revocation.Entry{Kind: revocation.Renewed, Name: sid(5000), Cutoff: now, Until: now.Add(time.Hour)}))
		require.NoError(t, a.Revoke(ctx, revocation.Entry{Kind: revocation.Renewed, Name: "text", Cutoff: now, Until: now.Add(time.Hour)}))
		require.NoError(t, a.Revoke(ctx, revocation.Entry{Kind: revocation.Subject, Name: "short", Cutoff: now, Until: now.Add(time.Second)}))
		time.Sleep(5 * time.Second)
		before := list(t, a)
		require.Len(t, before, 3008)

		store.Wipe()
		time.Sleep(30 * time.Second)
		require.Equal(t, 1, a.Status().Resyncs)
		require.Contains(t, a.kinds(), revocation.EventResync)
		require.Contains(t, append(a.kinds(), b.kinds()...), revocation.EventRestored)
		after := list(t, a)
		require.Len(t, after, 3008)
		for name, e := range before {
			got := after[name]
			require.False(t, got.Until.Before(e.Until), "%v", name)
			require.Less(t, got.Until.Sub(e.Until), time.Hour, "%v", name)
			if name.Kind != revocation.Session && name.Kind != revocation.Renewed && name.Kind != revocation.Token {
				require.Equal(t, e, got)
			}
		}
		late := newNode(t, store, revocation.ListOptions{}).start()
		defer func() { late.stop() }()
		synctest.Wait()
		for _, s := range sids {
			require.ErrorIs(t, late.Check(ctx, revocation.Claims{SessionID: s}), revocation.ErrRevoked)
		}
		for _, s := range []string{sid(5000), "text"} {
			require.ErrorIs(t, late.Check(ctx, revocation.Claims{SessionID: s}), revocation.ErrRevoked)
			require.NotErrorIs(t, late.Check(ctx, revocation.Claims{SessionID: "other", Origin: s, AuthTime: now.Add(time.Hour)}), revocation.ErrRevoked)
		}
		// What is there is not written again.
		adds := a.adds.Load() + b.adds.Load()
		time.Sleep(time.Hour)
		require.Equal(t, adds, a.adds.Load()+b.adds.Load())
	})
}

// An old backup has some entries, and others with earlier ends and cutoffs.
func TestStoreFromABackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, now := t.Context(), time.Now()
		entries := func(cutoff time.Time) []revocation.Entry {
			return []revocation.Entry{
				{Kind: revocation.Subject, Name: "s", Cutoff: cutoff, Until: cutoff.Add(48 * time.Hour)},
				{Kind: revocation.Session, Name: sid(1), Cutoff: cutoff, Until: cutoff.Add(48 * time.Hour)},
				{Kind: revocation.All, Cutoff: cutoff, Until: cutoff.Add(48 * time.Hour)},
			}
		}
		store := &revocation.Memory{}
		n := newNode(t, store, revocation.ListOptions{}).start()
		defer func() { n.stop() }()
		require.NoError(t, store.Add(ctx, entries(now)...))
		time.Sleep(3 * time.Second)
		store.Wipe()
		require.NoError(t, store.Add(ctx, entries(now.Add(-24*time.Hour))...))
		time.Sleep(10 * time.Second)
		after := list(t, n)
		for _, e := range entries(now) {
			require.False(t, after[revocation.Name{Kind: e.Kind, Name: e.Name}].Until.Before(e.Until.Truncate(time.Millisecond)), "%v", e)
		}
		require.WithinDuration(t, now, after[revocation.Name{Kind: revocation.Subject, Name: "s"}].Cutoff, time.Millisecond)
		require.WithinDuration(t, now, after[revocation.Name{Kind: revocation.All}].Cutoff, time.Millisecond)
	})
}

// Writing back goes on until it has succeeded.
func TestWritingBackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocation.Memory{}
		n := newNode(t, store, revocation.ListOptions{})
		require.NoError(t, n.RevokeSession(t.Context(), "a", "x"))
		readOnly := &readOnly{link: n.link}
		list, err := revocation.NewList(readOnly, revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- list.Run(ctx) }()
		synctest.Wait()
		store.Wipe()
		readOnly.refuse.Store(true)
		time.Sleep(time.Minute)
		require.Zero(t, store.Len())
		require.NoError(t, list.Check(ctx, claims("b")), "following goes on")
		readOnly.refuse.Store(false)
		time.Sleep(20 * time.Second)
		require.Equal(t, 1, store.Len())
		cancel()
		<-done
	})
}

type readOnly struct {
	*link
	refuse atomic.Bool
}

func (r *readOnly) Add(ctx context.Context, entries ...revocation.Entry) error {
	if r.refuse.Load() {
		return errors.New("read-only replica")
	}
	return r.link.Add(ctx, entries...)
}

func list(t *testing.T, n *node) map[revocation.Name]revocation.Entry {
	all := map[revocation.Name]revocation.Entry{}
	require.NoError(t, n.Entries(t.Context(), func(e revocation.Entry) error {
		all[revocation.Name{Kind: e.Kind, Name: e.Name}] = e
		return nil
	}))
	return all
}

// What has expired is deleted from the store and forgotten by the lists, without being asked.
func TestForgetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocation.Memory{}
		n := newNode(t, store, revocation.ListOptions{Lifetime: time.Hour}).start()
		defer func() { n.stop() }()
		for i := range 1000 {
			require.NoError(t, n.RevokeSession(t.Context(), sid(uint64(i)), ""))
			require.NoError(t, n.RevokeSubject(t.Context(), sid(uint64(i)), time.Now(), ""))
		}
		require.NoError(t, n.RevokeAll(t.Context(), time.Now(), ""))
		c := claims("a")
		require.ErrorIs(t, n.Check(t.Context(), c), revocation.ErrRevoked)
		time.Sleep(59 * time.Minute)
		require.ErrorIs(t, n.Check(t.Context(), c), revocation.ErrRevoked)
		require.EqualValues(t, 2001, n.Status().Entries)
		require.NotZero(t, n.Status().Bytes)
		time.Sleep(2 * time.Hour)
		require.Zero(t, store.Len())
		require.Zero(t, n.Status().Entries)
		require.Zero(t, n.Status().Bytes)
		require.NoError(t, n.Check(t.Context(), c))
		require.Contains(t, n.kinds(), revocation.EventSwept)
	})
}

// A clock that was far ahead made the list forget what has not ended. When the clock is right again, everything is read anew.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead time.Duration
		var mu sync.Mutex
		set := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); ahead = d }
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{Lifetime: 10 * time.Hour, Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(ahead)
		}}).start()
		defer func() { n.stop() }()
		require.NoError(t, n.RevokeSession(t.Context(), sid(1), ""))
		time.Sleep(5 * time.Minute)
		set(24 * time.Hour)
		time.Sleep(5 * time.Minute)
		require.Zero(t, n.Status().Entries)
		set(0)
		time.Sleep(5 * time.Second)
		require.ErrorIs(t, n.Check(t.Context(), revocation.Claims{SessionID: sid(1)}), revocation.ErrRevoked)
		require.True(t, n.Status().Current)
	})
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, &revocation.Memory{}, revocation.ListOptions{})
		time.Sleep(time.Second)
		require.Equal(t, revocation.Status{Staleness: time.Second}, n.Status())
		n.start()
		defer func() { n.stop() }()
		synctest.Wait()
		loaded := time.Now()
		time.Sleep(time.Second)
		require.Equal(t, revocation.Status{Staleness: time.Second, Current: true, Loaded: loaded}, n.Status())
	})
}
