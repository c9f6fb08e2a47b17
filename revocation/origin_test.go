package revocation_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// A session that was renewed is asked about with its first id too, so that whoever ends that ends all of it. What the renewal
// left is refused alone.
func ExampleClaims() {
	list, now := new(revocation.Memory), time.Now()
	first := revocation.Claims{SessionID: "c2Vzc2lvbiBudW1iZXIgNw", AuthTime: now}
	renewed := revocation.Claims{SessionID: "YW5vdGhlciBzZXNzaW9uIA", Origin: first.SessionID, AuthTime: now}
	revoke := func(kind revocation.Kind, reason string) {
		if err := list.Revoke(context.Background(), revocation.Entry{
			Kind: kind, Name: first.SessionID, Cutoff: now, Until: now.Add(time.Hour), Reason: reason,
		}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(reason)
		fmt.Println(" the first:", list.Check(context.Background(), first))
		fmt.Println(" what it was renewed into:", list.Check(context.Background(), renewed))
	}
	revoke(revocation.Renewed, "renewed") // as Session.Renew of a jar does
	revoke(revocation.Session, "ended")   // as Session.End
	// Output:
	// renewed
	//  the first: revocation: revoked: the session was renewed and has another id
	//  what it was renewed into: <nil>
	// ended
	//  the first: revocation: revoked: the session was ended
	//  what it was renewed into: revocation: revoked: the session was ended
}

// checker is what the lists have in common.
type checker interface {
	Check(context.Context, revocation.Claims) error
	Revoke(context.Context, revocation.Entry) error
}

func checkers(t *testing.T) map[string]checker {
	list, err := revocation.NewList(new(revocation.Memory), revocation.ListOptions{OnStale: revocation.Allow})
	require.NoError(t, err)
	direct, err := revocation.NewDirect(new(revocation.Memory), revocation.DirectOptions{OnError: revocation.Refuse})
	require.NoError(t, err)
	return map[string]checker{"List": list, "Direct": direct, "Memory": new(revocation.Memory)}
}

// Of one session that is renewed twice, and of one that has nothing to do with it: what each entry ends.
func TestWhatTheEntriesOfASessionRefuse(t *testing.T) {
	at := time.Now()
	for form, id := range map[string]func(uint64) string{
		"our ids":   sid,
		"other ids": func(n uint64) string { return string('a' + rune(n)) },
	} {
		sessions := map[string]revocation.Claims{
			"the session":       {SessionID: id(1)},
			"its renewal":       {SessionID: id(2), Origin: id(1)},
			"the renewal of it": {SessionID: id(3), Origin: id(1)},
			"another":           {SessionID: id(4)},
			"another's renewal": {SessionID: id(5), Origin: id(4)},
		}
		for name, row := range map[string]struct {
			entry revocation.Entry
			ends  map[string]bool
		}{
			"ended by its first id": {
				revocation.Entry{Kind: revocation.Session, Name: id(1)},
				map[string]bool{"the session": true, "its renewal": true, "the renewal of it": true},
			},
			"ended by a later id": {revocation.Entry{Kind: revocation.Session, Name: id(2)}, map[string]bool{"its renewal": true}},
			"renewed":             {revocation.Entry{Kind: revocation.Renewed, Name: id(1)}, map[string]bool{"the session": true}},
			"renewed again":       {revocation.Entry{Kind: revocation.Renewed, Name: id(2)}, map[string]bool{"its renewal": true}},
		} {
			t.Run(name+", "+form, func(t *testing.T) {
				for kind, list := range checkers(t) {
					e := row.entry
					e.Cutoff, e.Until = at, at.Add(time.Hour)
					require.NoError(t, list.Revoke(t.Context(), e))
					for which, c := range sessions {
						c.AuthTime = at.Add(time.Minute) // a clock that is ahead does not matter
						if err := list.Check(t.Context(), c); row.ends[which] {
							require.ErrorIs(t, err, revocation.ErrRevoked, "%s: %s", kind, which)
						} else {
							require.NoError(t, err, "%s: %s", kind, which)
						}
					}
				}
			})
		}
	}
}

// A session that was left and then ended was ended, to an auditor of any list.
func TestAnEndCountsMoreThanARenewal(t *testing.T) {
	at := time.Now()
	for name, list := range checkers(t) {
		for _, kind := range []revocation.Kind{revocation.Renewed, revocation.Session} {
			require.NoError(t, list.Revoke(t.Context(), revocation.Entry{Kind: kind, Name: sid(1), Cutoff: at, Until: at.Add(time.Hour)}))
			err := list.Check(t.Context(), revocation.Claims{SessionID: sid(1), AuthTime: at})
			var by *revocation.Refusal
			require.ErrorAs(t, err, &by, name)
			require.Equal(t, kind, by.Kind, name)
		}
	}
}

// What ended and what was left is forgotten each in its time, and then costs nothing.
func TestRenewedIsForgotten(t *testing.T) {
	now := time.Now()
	x := revocation.NewIndex()
	for _, name := range []string{sid(1), "text"} {
		x.Add(now, revocation.Entry{Kind: revocation.Renewed, Name: name, Cutoff: now, Until: now.Add(time.Hour)})
		require.Equal(t, revocation.Renewed, x.Refuses(&revocation.Claims{SessionID: name}))
		x.Forget(now.Add(time.Hour))
		require.Equal(t, revocation.Renewed, x.Refuses(&revocation.Claims{SessionID: name}))
		x.Forget(now.Add(3 * time.Hour))
		require.Empty(t, x.Refuses(&revocation.Claims{SessionID: name}))
		entries, bytes := x.Size()
		require.Zero(t, entries)
		require.Zero(t, bytes)
	}
}

// A renewed session is a look-up more, renewals are another, and neither is garbage.
func TestAnOriginAllocatesNothing(t *testing.T) {
	list, err := revocation.NewList(new(revocation.Memory), revocation.ListOptions{OnStale: revocation.Allow})
	require.NoError(t, err)
	now := time.Now()
	require.NoError(t, list.RevokeSession(t.Context(), sid(1), "ended"))
	require.NoError(t, list.Revoke(t.Context(), revocation.Entry{Kind: revocation.Renewed, Name: sid(2), Cutoff: now, Until: now.Add(time.Hour)}))
	c := revocation.Claims{SessionID: sid(3), Origin: sid(2), AuthTime: now}
	require.NoError(t, list.Check(t.Context(), c))
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = list.Check(t.Context(), c) }))
}

// Who ends a session by its first id ends what a node that has not heard of it renews it into, by one entry.
func TestRevokeSessionReachesRenewals(t *testing.T) {
	store := new(revocation.Memory)
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Allow})
	require.NoError(t, err)
	require.NoError(t, list.RevokeSession(t.Context(), "first", "reported stolen"))
	require.Equal(t, 1, store.Len())
	for name, c := range map[string]revocation.Claims{
		"the session": {SessionID: "first", AuthTime: time.Now()},
		"a renewal":   {SessionID: "second", Origin: "first", AuthTime: time.Now().Add(time.Hour)},
	} {
		require.ErrorIs(t, list.Check(t.Context(), c), revocation.ErrRevoked, name)
	}
	require.NoError(t, list.Check(t.Context(), revocation.Claims{SessionID: "other", Origin: "another", AuthTime: time.Now()}))
}
