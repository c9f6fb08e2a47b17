package sealjar_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/token"
)

const day = 24 * time.Hour

func TestRemember(t *testing.T) {
	shop, jar, v := start(t)
	began := shop.Now()
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.False(t, s.Remembered())
		require.NoError(t, s.Remember(true))
		require.True(t, s.Remembered())
	})
	require.Equal(t, int((7*day)/time.Second), response.Cookies()[0].MaxAge, "outlives the browser, until the session ends")

	shop.pass(6 * day)
	response = view(v, jar)
	require.Equal(t, int((7*day)/time.Second), response.Cookies()[0].MaxAge, "renewed, and persistent still")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.True(t, s.Remembered())
		require.Equal(t, began.Add(30*day), s.AbsoluteExpiry().UTC())
	})
	for range 3 {
		shop.pass(6 * day)
		view(v, jar)
	}
	shop.pass(6*day + token.Leeway)
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrExpired, "its absolute end")

	t.Run("idle", func(t *testing.T) {
		shop, jar, v := start(t)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		shop.pass(7*day + token.Leeway)
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrExpired)
	})
	t.Run("with bounds of the jar's own", func(t *testing.T) {
		shop, jar, v := start(t, func(o *sealjar.Options) { o.RememberIdle, o.RememberAbsolute = time.Hour, 90*time.Minute })
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		require.Equal(t, 3600, response.Cookies()[0].MaxAge)
		shop.pass(45 * time.Minute)
		require.Equal(t, 45*60, view(v, jar).Cookies()[0].MaxAge)
	})
	t.Run("bounds may become stricter", func(t *testing.T) {
		shop, jar, v := start(t)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		shop.pass(2 * day)
		_, err := subjectOf(v, jarOf[basket](t, shop, func(o *sealjar.Options) { o.RememberAbsolute = day }))
		require.ErrorIs(t, err, sealjar.ErrExpired)
	})
	t.Run("a session without it goes with the browser", func(t *testing.T) {
		_, jar, v := start(t)
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
		require.Zero(t, response.Cookies()[0].MaxAge)
		require.True(t, response.Cookies()[0].Expires.IsZero())
	})
}

func TestRememberTakenBack(t *testing.T) {
	shop, jar, v := start(t)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
	shop.pass(time.Hour)
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(false)) })
	require.Zero(t, response.Cookies()[0].MaxAge, "goes with the browser again")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.False(t, s.Remembered())
		require.Equal(t, s.AuthTime().Add(12*time.Hour), s.AbsoluteExpiry())
	})
	shop.pass(30*time.Minute + token.Leeway)
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrExpired)

	t.Run("by a passive request", func(t *testing.T) {
		shop, jar, v := start(t)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		v.serve(jar, func(_ http.ResponseWriter, r *http.Request) {
			s := jar.Peek(r.Context())
			require.NoError(t, s.Remember(false))
		})
		s, err := jar.Load(v.request())
		require.NoError(t, err)
		require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry().UTC())
		wide := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Idle = 12 * time.Hour })
		s, err = wide.Load(v.request())
		require.NoError(t, err)
		require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry().UTC(), "the token itself says so")
	})
	// Who says on the second day "forget me" must not be told yes and stay remembered for a month.
	t.Run("when the session would be over without it refused", func(t *testing.T) {
		shop, jar, v := start(t)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		shop.pass(2 * day)
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.ErrorContains(t, s.Remember(false), "use End or SignIn")
			require.True(t, s.Remembered())
			require.NoError(t, s.SignIn(ctx, "ada"))
			require.NoError(t, s.Remember(false))
		})
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.False(t, s.Remembered()) })
	})
}
