package sealjar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// handlerKey is where these tests put what the handler's own context carries.
type handlerKey struct{}

// Whatever the list refuses a handler is an event that says who, what and why, as a refused cookie is.
func TestWhatTheListRefusesAHandlerIsTold(t *testing.T) {
	id := func(s *sealjar.Session[basket]) string { return s.ID() }
	named := func(name string) func(*sealjar.Session[basket]) string {
		return func(*sealjar.Session[basket]) string { return name }
	}
	for name, c := range map[string]struct {
		kind    revocation.Kind
		name    func(*sealjar.Session[basket]) string
		do      func(context.Context, *sealjar.Jar[basket], *sealjar.Session[basket]) error
		subject string
	}{
		"Renew": {revocation.Session, id, func(ctx context.Context, _ *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
			return s.Renew(ctx)
		}, "ada"},
		"EndOthers": {revocation.Subject, named("ada"), func(ctx context.Context, jar *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
			return jar.EndOthers(ctx, s)
		}, "ada"},
		"SignIn": {revocation.Subject, named("grace"), func(ctx context.Context, _ *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
			return s.SignIn(ctx, "grace")
		}, "grace"},
		"Seal": {revocation.Session, id, func(_ context.Context, jar *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
			_, err := jar.Seal(s)
			return err
		}, "ada"},
	} {
		t.Run(name, func(t *testing.T) {
			shop, v := newShop(t), visitor{}
			jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Header = "Authorization" })
			signIn(t, v, jar, "ada")
			shop.told("")
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				before, far := s.ID(), shop.Now().Add(time.Hour) // also of who signs in anew
				require.NoError(t, shop.list.Revoke(ctx, revocation.Entry{Kind: c.kind, Name: c.name(s), Cutoff: far, Until: far.Add(day)}))
				require.ErrorIs(t, c.do(context.WithValue(ctx, handlerKey{}, name), jar, s), sealjar.ErrRevoked)

				told := shop.told(sealjar.EventRefused)
				require.Len(t, told, 1)
				e := told[0]
				require.Equal(t, c.subject, e.Subject)
				require.Equal(t, before, e.SessionID)
				require.NotEmpty(t, e.KeyID)
				var by *revocation.Refusal
				require.ErrorAs(t, e.Err, &by)
				require.Equal(t, c.kind, by.Kind)
				require.ErrorIs(t, e.Err, sealjar.ErrRevoked)
				if name != "Seal" {
					require.Equal(t, name, e.Context.Value(handlerKey{}))
				}
			})
		})
	}
}

// That the list can't tell is told, too, where it keeps somebody from signing in or renewing.
func TestWhatTheListCannotTellAHandlerIsTold(t *testing.T) {
	away := errors.New("away")
	for name, do := range map[string]func(context.Context, *sealjar.Session[basket]) error{
		"Renew":  renewSession,
		"SignIn": func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "grace") },
	} {
		t.Run(name, func(t *testing.T) {
			shop, v := newShop(t), visitor{}
			flaky := &list{honest: shop.list}
			jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = flaky })
			signIn(t, v, jar, "ada")
			shop.told("")
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				_ = s.ID()
				flaky.check, flaky.checkNew = away, away
				require.ErrorIs(t, do(ctx, s), sealjar.ErrUnavailable)
				flaky.check, flaky.checkNew = nil, nil
				told := shop.told(sealjar.EventRefused)
				require.Len(t, told, 1)
				require.ErrorIs(t, told[0].Err, away)
			})
		})
	}
	t.Run("a stale list that allows", func(t *testing.T) {
		shop, v := newShop(t), visitor{}
		jar := jarOf[basket](t, shop)
		signIn(t, v, jar, "ada")
		jar = jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = &trustful{blind: true} })
		shop.told("")
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.ErrorIs(t, s.Renew(ctx), sealjar.ErrUnavailable)
			require.Len(t, shop.told(sealjar.EventRefused), 1)
		})
	})
}
