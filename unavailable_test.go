package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// An outage of the list signs nobody in and nobody out.
func TestListThatCannotTell(t *testing.T) {
	shop, _, v := start(t)
	away := errors.New("the list is away")
	flaky := &list{check: away, checkNew: away, honest: shop.list}
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = flaky })
	held := v.copy()
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		require.ErrorIs(t, s.Err(), away)
		require.ErrorIs(t, jar.Check(ctx), sealjar.ErrUnavailable)
		require.Empty(t, s.Subject())
		require.Zero(t, s.Data)
		for _, err := range []error{
			s.SignIn(ctx, "ada"), s.Renew(ctx), s.Remember(true), s.SetLifetime(time.Hour), s.SetGroups("staff"), s.AddFlash("info", "hello"),
		} {
			require.ErrorIs(t, err, sealjar.ErrUnavailable)
		}
		s.Data.Views = 99
	})
	require.Equal(t, 200, response.StatusCode)
	require.False(t, wrote(response), "the cookie is left alone")
	require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrUnavailable, "and the loss is told")
	require.Equal(t, held, v)

	flaky.check, flaky.checkNew = nil, nil
	known, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "ada", known, "as if nothing had been")

	t.Run("when the response leaves", func(t *testing.T) {
		shop.pass(10 * time.Minute)
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			flaky.check = away
			s.Data.Views = 99
		})
		flaky.check = nil
		require.Equal(t, 200, response.StatusCode)
		require.False(t, wrote(response))
		require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrUnavailable)
	})
	t.Run("nobody asks it about a visitor without a cookie", func(t *testing.T) {
		flaky.check, flaky.checkNew = away, away
		v := visitor{}
		require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 1 })))
		flaky.check, flaky.checkNew = nil, nil
		_, err := subjectOf(v, jar)
		require.NoError(t, err)
	})
}

// Who presses "sign out" during an outage is to be signed out.
func TestEndWhileTheListCannotTell(t *testing.T) {
	shop, honest, v := start(t)
	away := errors.New("the list is away")
	stolen := v.copy()

	t.Run("and does not record", func(t *testing.T) {
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{check: away, revoke: away} })
		v := stolen.copy()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.ErrorIs(t, s.End(ctx), away, "copies may still be good, and they are")
		})
		require.Empty(t, v, "gone from this browser")
		_, err := subjectOf(stolen, honest)
		require.NoError(t, err)
	})
	t.Run("but records", func(t *testing.T) {
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{check: away, honest: shop.list} })
		v := stolen.copy()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.End(ctx))
			require.NoError(t, s.Err())
			require.NoError(t, s.AddFlash("info", "signed out"))
		})
		_, err := subjectOf(stolen, honest)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
		ask(v, honest, func(_ context.Context, s *sealjar.Session[basket]) { require.Len(t, s.Flashes(), 1) })
	})
	t.Run("after the header", func(t *testing.T) {
		v := visitor{}
		signIn(t, v, honest, "ada")
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{check: away, honest: shop.list} })
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			w.WriteHeader(http.StatusOK)
			require.ErrorIs(t, s.End(r.Context()), sealjar.ErrHeadersSent)
		})
		_, err := subjectOf(v, honest)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}
