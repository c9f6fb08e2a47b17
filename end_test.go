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

func TestEnd(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	signIn(t, v, jar, "ada")
	stolen := v.copy()
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		s.Data.Views = 7
		require.NoError(t, s.Remember(true))
		require.NoError(t, s.AddFlash("info", "hello"))
		id := s.ID()
		require.NoError(t, s.End(ctx))
		require.NoError(t, s.End(ctx), "again is nothing")
		require.NoError(t, s.Err())
		require.NotEqual(t, id, s.ID())
		require.Empty(t, s.Subject())
		require.Zero(t, s.Data)
		require.False(t, s.Remembered())
	})
	require.Equal(t, []string{"__Host-session=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Lax"},
		response.Header["Set-Cookie"], "every attribute, else it is another cookie")
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Empty(t, v)
	require.Equal(t, 1, shop.list.Len())
	_, err := subjectOf(stolen, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)

	t.Run("with every attribute that the cookie has", func(t *testing.T) {
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) {
			o.Cookie = sealjar.Cookie{
				Path: "/app", Domain: "example.com", SameSite: http.SameSiteNoneMode, Partitioned: true, InsecureScriptAccess: true,
			}
		})
		v := visitor{}
		signIn(t, v, jar, "ada")
		response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		require.Equal(t, []string{"__Secure-session=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; " +
			"Path=/app; Domain=example.com; Secure; SameSite=None; Partitioned"}, response.Header["Set-Cookie"])
	})
	t.Run("of an anonymous session", func(t *testing.T) {
		v := visitor{}
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 1 })
		stolen := v.copy()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		require.Empty(t, v)
		_, err := subjectOf(stolen, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
	t.Run("of nothing writes nothing", func(t *testing.T) {
		require.False(t, wrote(ask(visitor{}, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.End(ctx))
		})))
	})
	t.Run("deletes a cookie that is no session", func(t *testing.T) {
		v := visitor{"__Host-session": "garbage"}
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		require.Empty(t, v)
	})
	t.Run("and a message for the next page", func(t *testing.T) {
		v := visitor{}
		signIn(t, v, jar, "ada")
		shop.pass(5 * time.Minute)
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.End(ctx))
			require.NoError(t, s.AddFlash("info", "signed out"))
			require.Equal(t, shop.Now().Truncate(time.Millisecond), s.AuthTime(), "a session that begins now")
		})
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.Empty(t, s.Subject())
			require.Len(t, s.Flashes(), 1)
		})
	})
	t.Run("and sign in, in one request", func(t *testing.T) {
		v := visitor{}
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.SignIn(ctx, "ada"))
			s.Data.Views = 7
		})
		stolen := v.copy()
		response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.End(ctx))
			require.NoError(t, s.SignIn(ctx, "ada"))
		})
		require.Len(t, response.Header["Set-Cookie"], 1)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.Equal(t, "ada", s.Subject())
			require.Zero(t, s.Data)
		})
		_, err := subjectOf(stolen, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
	t.Run("after sign in, in one request", func(t *testing.T) {
		v := visitor{}
		signIn(t, v, jar, "ada")
		stolen := v.copy()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.SignIn(ctx, "grace"))
			require.NoError(t, s.End(ctx))
		})
		require.Empty(t, v)
		_, err := subjectOf(stolen, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}

func TestEndAfterTheHeaderRevokesAllTheSame(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	signIn(t, v, jar, "ada")
	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		w.WriteHeader(http.StatusOK)
		require.ErrorIs(t, s.End(r.Context()), sealjar.ErrHeadersSent)
	})
	require.NotEmpty(t, v, "the cookie stays")
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked, "and is worth nothing")

	t.Run("also the id that left with this header", func(t *testing.T) {
		v := visitor{}
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			require.NoError(t, s.SignIn(r.Context(), "ada"))
			w.WriteHeader(http.StatusOK)
			require.ErrorIs(t, s.End(r.Context()), sealjar.ErrHeadersSent)
		})
		require.NotEmpty(t, v)
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}

func TestEndWithAListThatFails(t *testing.T) {
	shop := newShop(t)
	v := visitor{}
	signIn(t, v, jarOf[basket](t, shop), "ada")
	stolen := v.copy()
	failing := errors.New("the list is away")
	broken := &list{revoke: failing}
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = broken })
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.End(ctx), failing)
		require.Empty(t, s.Subject())
		require.ErrorIs(t, s.End(ctx), failing, "trying again is not told that all is well")
		require.ErrorIs(t, s.SignIn(ctx, "ada"), failing)
	})
	require.Empty(t, v, "the browser is signed out")
	ended := shop.told(sealjar.EventEnded)
	require.Len(t, ended, 3)
	require.ErrorIs(t, ended[0].Err, failing)

	t.Run("and then recovers", func(t *testing.T) {
		ask(stolen.copy(), jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.Error(t, s.End(ctx))
			broken.revoke, broken.honest = nil, shop.list
			require.NoError(t, s.End(ctx))
		})
		_, err := subjectOf(stolen, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}
