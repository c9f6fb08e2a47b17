package sealjar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

func TestSigningOutRefusesEveryTokenOfTheSession(t *testing.T) {
	shop, jar, v := start(t)
	first := v.copy()
	shop.pass(10 * time.Minute)
	require.True(t, wrote(view(v, jar)), "renewed")
	second := v.copy()
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
	third := v.copy()
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
	for _, copied := range []visitor{first, second, third} {
		shop.told("")
		ask(copied, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.ErrorIs(t, s.Err(), sealjar.ErrRevoked)
			require.Empty(t, s.Subject())
			require.Zero(t, s.Data)
		})
		require.ErrorIs(t, shop.told(sealjar.EventRefused)[0].Err, revocation.ErrRevoked)
	}
}

// A request is slow: it was loaded while the session was good, the user signs out, and it writes its response after that.
func TestSlowRequestDoesNotBringBackWhatWasEnded(t *testing.T) {
	end := func(ctx context.Context, _ *shop, jar *sealjar.Jar[basket], tab visitor) {
		ask(tab, jar, func(ctx context.Context, s *sealjar.Session[basket]) { _ = s.End(ctx) })
	}
	everywhere := func(ctx context.Context, _ *shop, jar *sealjar.Jar[basket], _ visitor) { _ = jar.EndAll(ctx, "ada") }
	group := func(ctx context.Context, shop *shop, _ *sealjar.Jar[basket], _ visitor) {
		_ = shop.list.Revoke(ctx, revocation.Entry{
			Kind: revocation.Group, Name: "staff", Cutoff: shop.Now(), Until: shop.Now().Add(day),
		})
	}
	change := func(_ *shop, s *sealjar.Session[basket]) { s.Data.Views = 99 }
	renewal := func(shop *shop, _ *sealjar.Session[basket]) { shop.pass(10 * time.Minute) }
	flash := func(_ *shop, s *sealjar.Session[basket]) { _ = s.AddFlash("info", "hello") }
	for _, c := range []struct {
		name string
		end  func(context.Context, *shop, *sealjar.Jar[basket], visitor)
		slow func(*shop, *sealjar.Session[basket])
	}{
		{"change, signed out", end, change},
		{"renewal, signed out", end, renewal},
		{"flash, signed out", end, flash},
		{"change, signed out everywhere", everywhere, change},
		{"renewal, signed out everywhere", everywhere, renewal},
		{"change, group revoked", group, change},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar, v := start(t)
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.SetGroups("staff")) })
			response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				c.end(ctx, shop, jar, v.copy())
				c.slow(shop, s)
				shop.told("")
			})
			require.False(t, wrote(response))
			require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrRevoked)
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, sealjar.ErrRevoked)
		})
	}
}

func TestEndAll(t *testing.T) {
	shop := newShop(t)
	jar := jarOf[basket](t, shop)
	phone, laptop, other := visitor{}, visitor{}, visitor{}
	signIn(t, phone, jar, "ada")
	signIn(t, laptop, jar, "ada")
	signIn(t, other, jar, "grace")
	ask(laptop, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, jar.EndAll(ctx, "ada"))
		require.NoError(t, s.SignIn(ctx, "ada"), "to stay here, within the same millisecond")
	})
	_, err := subjectOf(phone, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
	for v, want := range map[*visitor]string{&laptop: "ada", &other: "grace"} {
		known, err := subjectOf(*v, jar)
		require.NoError(t, err)
		require.Equal(t, want, known)
	}
	ended := shop.told(sealjar.EventEnded)
	require.Equal(t, "ada", ended[0].Subject)

	t.Run("also sessions of which the token was renewed after it, by a node that had not heard of it", func(t *testing.T) {
		shop, jar, v := start(t)
		shop.pass(time.Minute)
		require.NoError(t, jar.EndAll(t.Context(), "ada"))
		shop.pass(10 * time.Minute)
		view(v, jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = nil }))
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
	t.Run("is remembered as long as a session can live", func(t *testing.T) {
		shop, jar, v := start(t)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) })
		require.NoError(t, jar.EndAll(t.Context(), "ada"))
		for today := range 7 {
			shop.pass(day)
			for user := range 100 << today { // make the list sweep
				require.NoError(t, jar.EndAll(t.Context(), fmt.Sprint("user ", user, " of day ", today)))
			}
			_, err := subjectOf(v, jar)
			require.Error(t, err)
		}
	})
	t.Run("subject refused", func(t *testing.T) {
		require.Error(t, jar.EndAll(t.Context(), ""))
	})
	t.Run("without a list refused", func(t *testing.T) {
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = nil })
		require.ErrorIs(t, jar.EndAll(t.Context(), "ada"), sealjar.ErrNoRevocation)
	})
	t.Run("a list that fails is told", func(t *testing.T) {
		failing := errors.New("the list is away")
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{revoke: failing} })
		shop.told("")
		require.ErrorIs(t, jar.EndAll(t.Context(), "ada"), failing)
		require.ErrorIs(t, shop.told(sealjar.EventEnded)[0].Err, failing)
	})
}

// remote is a list that gives up with its context, as one behind a network does.
type remote struct{ sealjar.Revocation }

func (r remote) Check(ctx context.Context, c revocation.Claims) error {
	return errors.Join(ctx.Err(), r.Revocation.Check(ctx, c))
}

func (r remote) Revoke(ctx context.Context, e revocation.Entry) error {
	if _, bounded := ctx.Deadline(); !bounded {
		return errors.New("it could hang for ever")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.Revocation.Revoke(ctx, e)
}

func TestClientThatHangsUpIsSignedOutAllTheSame(t *testing.T) {
	shop, _, v := start(t)
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = remote{shop.list} })
	gone, hangUp := context.WithCancel(t.Context())
	ask(v.copy(), jar, func(_ context.Context, s *sealjar.Session[basket]) {
		hangUp()
		require.NoError(t, s.End(gone))
	})
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)

	signIn(t, v, jar, "ada")
	require.NoError(t, jar.EndAll(gone, "ada"))
	_, err = subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
}

// A handler may ask for its session with the context of a piece of work, which is over when the response leaves.
func TestContextOfFromMayBeOverBeforeTheResponse(t *testing.T) {
	shop, _, v := start(t)
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = remote{shop.list} })
	response := v.serve(jar, func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		jar.From(ctx).Data.Views = 7
	})
	require.True(t, wrote(response))
	require.Empty(t, shop.told(sealjar.EventUnwritten))
}
