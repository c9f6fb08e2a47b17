package sealjar_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

func TestGroupsAreRevokedTogether(t *testing.T) {
	shop, jar, v := start(t)
	outside := visitor{}
	signIn(t, outside, jar, "grace")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SetGroups("tenant 1", "staff"))
		require.Equal(t, []string{"tenant 1", "staff"}, s.Groups())
	})
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, []string{"tenant 1", "staff"}, s.Groups())
		require.NoError(t, s.SetGroups("tenant 1", "staff"))
	})), "the same again")

	shop.pass(time.Second)
	require.NoError(t, shop.list.Revoke(t.Context(), revocation.Entry{
		Kind: revocation.Group, Name: "staff", Cutoff: shop.Now(), Until: shop.Now().Add(day),
	}))
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
	_, err = subjectOf(outside, jar)
	require.NoError(t, err)
}

func TestGroupsTakenBack(t *testing.T) {
	_, jar, v := start(t)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.SetGroups("staff")) })
	require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.SetGroups()) })))
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Empty(t, s.Groups()) })
}

func TestGroupsAreTheSessionsOwn(t *testing.T) {
	_, jar, v := start(t)
	given := []string{"staff"}
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SetGroups(given...))
		given[0] = "admin"
		s.Groups()[0] = "admin"
	})
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, []string{"staff"}, s.Groups()) })
}

func TestGroupsRefused(t *testing.T) {
	_, jar, v := start(t)
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Error(t, s.SetGroups(strings.Fields(strings.Repeat("a ", 17))...), "17 groups")
		require.Error(t, s.SetGroups("staff", ""))
		require.Error(t, s.SetGroups(strings.Repeat("a", 65)))
		require.Error(t, s.SetGroups("\xff"))
		require.Empty(t, s.Groups())
	})))
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SetGroups(strings.Split(strings.Repeat(strings.Repeat("a", 64)+" ", 16), " ")[:16]...), "16 of 64 bytes")
	})
}
