package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

func TestSignInChangesTheIDAndRevokesTheOldOne(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	var planted string
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		planted = s.ID()
		s.Data.Views = 1
	})
	old := v.copy()
	for _, subject := range []string{"ada", "ada", "grace"} { // out of nobody, again, as another
		var before, after string
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			before = s.ID()
			require.NoError(t, s.SignIn(ctx, subject))
			after = s.ID()
		})
		require.NotEqual(t, before, after)
		_, err := subjectOf(old, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
		known, err := subjectOf(v, jar)
		require.NoError(t, err)
		require.Equal(t, subject, known)
		old = v.copy()
	}
	ended := shop.told(sealjar.EventEnded)
	require.Len(t, ended, 3)
	require.Equal(t, planted, ended[0].SessionID)
}

func TestSignInKeepsDataUnlessItIsAnothers(t *testing.T) {
	fill := func(ctx context.Context, s *sealjar.Session[basket], subject string) error {
		s.Data = basket{Views: 7, Items: []string{"pear"}}
		return errors.Join(s.SignIn(ctx, subject), s.AddFlash("info", "hello"), s.SetGroups("staff"), s.Remember(true), s.SetLifetime(time.Hour))
	}
	for _, c := range []struct {
		name, before, now string
		sameRequest       bool
		kept              bool
	}{
		{name: "basket of a visitor kept", now: "ada", kept: true},
		{name: "data of the same subject kept", before: "ada", now: "ada", kept: true},
		{name: "data of another subject wiped", before: "grace", now: "ada"},
		{name: "data of another subject wiped in the same request", before: "grace", now: "ada", sameRequest: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			jar, v := jarOf[basket](t, newShop(t)), visitor{}
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				if c.before != "" {
					require.NoError(t, fill(ctx, s, c.before))
				} else {
					s.Data = basket{Views: 7, Items: []string{"pear"}}
				}
				if c.sameRequest {
					require.NoError(t, s.SignIn(ctx, c.now))
				}
			})
			if !c.sameRequest {
				signIn(t, v, jar, c.now)
			}
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				require.Equal(t, c.now, s.Subject())
				if c.kept {
					require.Equal(t, basket{Views: 7, Items: []string{"pear"}}, s.Data)
					require.Equal(t, c.before != "", s.Remembered())
					return
				}
				require.Zero(t, s.Data)
				require.Empty(t, s.Flashes())
				require.Empty(t, s.Groups())
				require.False(t, s.Remembered())
				require.Equal(t, s.AuthTime().Add(12*time.Hour), s.AbsoluteExpiry())
			})
		})
	}
}

func TestSignInStartsTheAbsoluteLifetimeAnew(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Idle = 12 * time.Hour }), visitor{}
	signIn(t, v, jar, "ada")
	shop.pass(11 * time.Hour)
	signIn(t, v, jar, "ada")
	shop.pass(11 * time.Hour)
	known, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "ada", known)
}

func TestSignInTwiceInARequest(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	signIn(t, v, jar, "ada")
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "grace"))
		first := s.ID()
		require.NoError(t, s.SignIn(ctx, "edsger"))
		require.NotEqual(t, first, s.ID())
	})
	require.Len(t, response.Header["Set-Cookie"], 1)
	require.Len(t, shop.told(sealjar.EventEnded), 1, "the id between them never left")
	known, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "edsger", known)
}

func TestSignInWithoutAList(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t), func(o *sealjar.Options) { o.Revocation = nil }), visitor{}
	signIn(t, v, jar, "ada")
	signIn(t, v, jar, "grace")
	known, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "grace", known)
}

func TestSignInRefused(t *testing.T) {
	failing := errors.New("the list is away")
	for _, c := range []struct {
		name, subject string
		list          sealjar.Revocation
		want          error
	}{
		{name: "empty subject"},
		{name: "subject of 256 bytes", subject: strings.Repeat("a", 256)},
		{name: "subject that is not UTF-8", subject: "ada\xff"},
		{name: "list that does not record", subject: "grace", list: list{revoke: failing}, want: failing},
		{name: "list that can't tell", subject: "grace", list: list{checkNew: failing}, want: sealjar.ErrUnavailable},
		{name: "subject who is revoked into the future", subject: "grace", list: list{checkNew: revocation.ErrRevoked}, want: sealjar.ErrRevoked},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t)
			v := visitor{}
			signIn(t, v, jarOf[basket](t, shop), "ada")
			jar := jarOf[basket](t, shop, func(o *sealjar.Options) {
				if c.list != nil {
					o.Revocation = c.list
				}
			})
			held := v.copy()
			response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				id := s.ID()
				err := s.SignIn(ctx, c.subject)
				require.Error(t, err)
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
				}
				require.Equal(t, "ada", s.Subject())
				require.Equal(t, id, s.ID())
			})
			require.False(t, wrote(response))
			require.Equal(t, held, v)
			known, err := subjectOf(held, jarOf[basket](t, shop))
			require.NoError(t, err)
			require.Equal(t, "ada", known)
		})
	}
	t.Run("255 bytes allowed", func(t *testing.T) {
		jar, v := jarOf[basket](t, newShop(t)), visitor{}
		signIn(t, v, jar, strings.Repeat("ä", 127)+"a")
		_, err := subjectOf(v, jar)
		require.NoError(t, err)
	})
}

// A session grows up: of nobody, signed in, and with a second factor.
func TestMethods(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Empty(t, s.Methods())
		s.Data.Views = 7
	})
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		given := []string{"pwd"}
		require.NoError(t, s.SignIn(ctx, "ada", given...))
		given[0] = "none"
	})
	shop.pass(time.Minute)
	before := v.copy()
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, []string{"pwd"}, s.Methods())
		s.Methods()[0] = "none"
		require.NoError(t, s.SignIn(ctx, s.Subject(), append(s.Methods(), "otp")...))
	})
	_, err := subjectOf(before, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, []string{"pwd", "otp"}, s.Methods())
		require.Equal(t, 7, s.Data.Views)
		require.Equal(t, shop.Now().Truncate(time.Millisecond), s.AuthTime().UTC())
		require.NoError(t, s.Renew(ctx))
		require.Equal(t, []string{"pwd", "otp"}, s.Methods(), "a renewal keeps them")
		require.NoError(t, s.SignIn(ctx, "grace"))
		require.Empty(t, s.Methods())
	})
}

func TestMethodsRefused(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	require.False(t, wrote(ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Error(t, s.SignIn(ctx, "ada", ""))
		require.Error(t, s.SignIn(ctx, "ada", strings.Repeat("a", 33)))
		require.Error(t, s.SignIn(ctx, "ada", "\xff"))
		require.Error(t, s.SignIn(ctx, "ada", strings.Split("a b c d e f g h i", " ")...), "nine")
		require.Empty(t, s.Subject())
	})))
}

func TestCheckRecent(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	check := func(maxAge time.Duration) (err error) {
		response := v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { err = jar.CheckRecent(r.Context(), maxAge) })
		require.False(t, wrote(response), "it does not count as activity")
		return err
	}
	require.ErrorIs(t, check(time.Hour), sealjar.ErrNone)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 1 })
	require.ErrorIs(t, check(time.Hour), sealjar.ErrAnonymous)
	shop.now = shop.now.Truncate(time.Millisecond)
	signIn(t, v, jar, "ada")
	require.NoError(t, check(5*time.Minute))
	shop.pass(5 * time.Minute)
	require.NoError(t, check(5*time.Minute))
	shop.pass(time.Millisecond)
	require.ErrorIs(t, check(5*time.Minute), sealjar.ErrStale)
	require.ErrorIs(t, check(0), sealjar.ErrStale)
	shop.pass(8 * time.Minute)
	require.True(t, wrote(view(v, jar)), "a renewal")
	require.ErrorIs(t, check(5*time.Minute), sealjar.ErrStale, "does not make it fresher")
	require.NoError(t, endOthers(v, jar))
	require.ErrorIs(t, check(5*time.Minute), sealjar.ErrStale, "nor does the end of others")
	signIn(t, v, jar, "ada")
	require.NoError(t, check(5*time.Minute))
}
