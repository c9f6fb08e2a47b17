package sealjar_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestReadOnly(t *testing.T) {
	shop, jar, v := start(t)
	reader := jarOf[basket](t, shop, func(o *sealjar.Options) { o.ReadOnly = true })
	shop.pass(20 * time.Minute)
	shop.told("")
	response := view(v, reader)
	require.False(t, wrote(response), "no renewal")
	require.Equal(t, "Cookie", response.Header.Get("Vary"))
	require.Empty(t, shop.told(sealjar.EventUnwritten))

	response = ask(v, reader, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, "ada", s.Subject())
		for name, err := range map[string]error{
			"SignIn": s.SignIn(ctx, "grace"), "Renew": s.Renew(ctx), "AddFlash": s.AddFlash("info", "x"), "Remember": s.Remember(true),
			"SetLifetime": s.SetLifetime(time.Hour), "SetGroups": s.SetGroups("x"), "a slot": slotVisits.Set(s, 1),
			"EndOthers": reader.EndOthers(ctx, s),
		} {
			require.ErrorContains(t, err, "Options.ReadOnly", name)
		}
		require.Equal(t, "ada", s.Subject())
		s.Data.Views++
	})
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.False(t, wrote(response))
	told := shop.told(sealjar.EventUnwritten)
	require.Len(t, told, 1)
	require.ErrorContains(t, told[0].Err, "Options.ReadOnly")
	_, err := subjectOf(v, jar)
	require.NoError(t, err)

	response = ask(v, reader, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.ErrorContains(t, s.End(ctx), "Options.ReadOnly")
	})
	require.False(t, wrote(response))
	_, err = subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked, "all the same")
}
