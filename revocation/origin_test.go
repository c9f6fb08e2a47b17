package revocation_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// To end a session from outside of its jar means to end also what it is renewed into.
func ExampleOriginOf() {
	list, now, sid := new(revocation.Memory), time.Now(), "c2Vzc2lvbiBudW1iZXIgNw"
	if err := list.Revoke(context.Background(), revocation.Entry{
		Kind: revocation.Session, Name: revocation.OriginOf(sid), Cutoff: now, Until: now.Add(time.Hour), Reason: "reported stolen",
	}); err != nil {
		log.Fatal(err)
	}
	renewed := revocation.Claims{SessionID: "YW5vdGhlciBzZXNzaW9uIA", Origin: revocation.OriginOf(sid), AuthTime: now}
	fmt.Println(errors.Is(list.Check(context.Background(), renewed), revocation.ErrRevoked))
	// Output: true
}

// docs/format.md has this as an example for other implementations.
func TestOriginOf(t *testing.T) {
	require.Equal(t, "VoAoFtOLNxCcAzGxgbXoRg", revocation.OriginOf("dGVzdC1zZXNzaW9u"))
	require.Len(t, revocation.OriginOf(""), 22)
}

// An origin is one look-up more and no allocation.
func TestAnOriginAllocatesNothing(t *testing.T) {
	list, err := revocation.NewList(new(revocation.Memory), revocation.ListOptions{OnStale: revocation.Allow})
	require.NoError(t, err)
	require.NoError(t, list.RevokeSession(t.Context(), "q83vEjRWeJq83u8BI0VniQ", "ended"))
	c := revocation.Claims{SessionID: "AAAAAAAAAAAAAAAAAAAAAA", Origin: revocation.OriginOf("a"), AuthTime: time.Now()}
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = list.Check(t.Context(), c) }))
}

// Who ends a session by its first id ends what a node that has not heard of it renews it into.
func TestRevokeSessionReachesRenewals(t *testing.T) {
	store := new(revocation.Memory)
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Allow})
	require.NoError(t, err)
	require.NoError(t, list.RevokeSession(t.Context(), "first", "reported stolen"))
	for name, c := range map[string]revocation.Claims{
		"the session": {SessionID: "first", AuthTime: time.Now()},
		"a renewal":   {SessionID: "second", Origin: revocation.OriginOf("first"), AuthTime: time.Now().Add(time.Hour)},
	} {
		require.ErrorIs(t, list.Check(t.Context(), c), revocation.ErrRevoked, name)
	}
	require.NoError(t, list.Check(t.Context(), revocation.Claims{SessionID: "other", Origin: revocation.OriginOf("other"), AuthTime: time.Now()}))
}
