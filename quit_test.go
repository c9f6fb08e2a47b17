package sealjar_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// written is what has been revoked, as kind and name, since the last delivery.
func (c *country) written(node int) (entries []revocation.Name) {
	for _, e := range c.under[node] {
		entries = append(entries, revocation.Name{Kind: e.Kind, Name: e.Name})
	}
	return entries
}

// Every step is one entry at most: a renewal names the id that it leaves, and an end the first id of the session.
func TestWhatIsWrittenOfASession(t *testing.T) {
	both := func(steps ...func(context.Context, *sealjar.Session[basket]) error) func(context.Context, *sealjar.Session[basket]) error {
		return func(ctx context.Context, s *sealjar.Session[basket]) (err error) {
			for _, step := range steps {
				err = errors.Join(err, step(ctx, s))
			}
			return err
		}
	}
	as := func(subject string) func(context.Context, *sealjar.Session[basket]) error {
		return func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, subject) }
	}
	fill := func(_ context.Context, s *sealjar.Session[basket]) error { s.Data.Views = 1; return nil }
	const first, second = "first", "second" // ids, before and after a renewal in an earlier request
	session := func(name string) revocation.Name { return revocation.Name{Kind: revocation.Session, Name: name} }
	renewed := func(name string) revocation.Name { return revocation.Name{Kind: revocation.Renewed, Name: name} }
	for name, row := range map[string]struct {
		begin func(context.Context, *sealjar.Session[basket]) error
		renew bool
		step  func(context.Context, *sealjar.Session[basket]) error
		want  []revocation.Name
	}{
		"Renew":                               {as("ada"), false, renewSession, []revocation.Name{renewed(first)}},
		"Renew again":                         {as("ada"), true, renewSession, []revocation.Name{renewed(second)}},
		"Renew twice in one request":          {as("ada"), false, both(renewSession, renewSession), []revocation.Name{renewed(first)}},
		"End":                                 {as("ada"), false, endSession, []revocation.Name{session(first)}},
		"End of what was renewed":             {as("ada"), true, endSession, []revocation.Name{session(first)}},
		"End twice":                           {as("ada"), true, both(endSession, endSession), []revocation.Name{session(first)}},
		"Renew and End":                       {as("ada"), false, both(renewSession, endSession), []revocation.Name{renewed(first), session(first)}},
		"Renew and End of what was renewed":   {as("ada"), true, both(renewSession, endSession), []revocation.Name{renewed(second), session(first)}},
		"End, and a renewal of what is left":  {as("ada"), false, both(endSession, renewSession), []revocation.Name{session(first)}},
		"SignIn again":                        {as("ada"), false, as("ada"), []revocation.Name{session(first)}},
		"SignIn as another after a renewal":   {as("ada"), true, as("grace"), []revocation.Name{session(first)}},
		"SignIn twice":                        {as("ada"), true, both(as("ada"), as("ada")), []revocation.Name{session(first)}},
		"SignIn, Renew and End":               {as("ada"), true, both(as("ada"), renewSession, endSession), []revocation.Name{session(first)}},
		"Renew and SignIn":                    {as("ada"), true, both(renewSession, as("ada")), []revocation.Name{renewed(second), session(first)}},
		"SignIn of who was anonymous":         {fill, false, as("ada"), []revocation.Name{session(first)}},
		"SignIn of who was anonymous, later":  {fill, true, as("ada"), []revocation.Name{session(first)}},
		"End of an anonymous session":         {fill, true, endSession, []revocation.Name{session(first)}},
		"Renew, End and SignIn of nobody yet": {nil, false, both(renewSession, endSession, as("ada")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			country, v := newCountry(t), visitor{}
			ids := map[string]string{}
			id := func(name string) func(context.Context, *sealjar.Session[basket]) error {
				return func(_ context.Context, s *sealjar.Session[basket]) error { ids[s.ID()] = name; return nil }
			}
			if row.begin != nil {
				require.NoError(t, country.ask(v, 0, both(row.begin, id(first))))
			}
			if row.renew {
				require.NoError(t, country.ask(v, 0, both(renewSession, id(second))))
			}
			country.deliver(t)
			require.NoError(t, country.ask(v, 0, row.step))
			var got []revocation.Name
			for _, n := range country.written(0) {
				got = append(got, revocation.Name{Kind: n.Kind, Name: ids[n.Name]})
			}
			require.Equal(t, row.want, got)
		})
	}
}

// An operator who knows the first id ends all that came of it; one who knows a later id, what bears that.
func TestRevokeSessionByEitherID(t *testing.T) {
	for first, alive := range map[bool]bool{true: false, false: true} {
		shop, v := newShop(t), visitor{}
		list, err := revocation.NewDirect(&revocation.Memory{Now: shop.Now}, revocation.DirectOptions{OnError: revocation.Refuse, Now: shop.Now})
		require.NoError(t, err)
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list })
		id := func() (id string) {
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { id = s.ID() })
			return id
		}
		renew := func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Renew(ctx)) }
		signIn(t, v, jar, "ada")
		revoked := id()
		ask(v, jar, renew)
		second := v.copy()
		if !first {
			revoked = id()
		}
		ask(v, jar, renew)
		require.NoError(t, list.RevokeSession(t.Context(), revoked, "reported stolen"))
		_, err = subjectOf(second, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
		_, err = subjectOf(v, jar)
		require.Equal(t, alive, err == nil, "%v", err)
	}
}

// An End that failed is tried again by whatever leaves the session next, and not taken for a renewal.
func TestRenewAfterAnEndThatFailedEnds(t *testing.T) {
	country, v := newCountry(t), visitor{}
	signIn(t, v, country.jars[0], "ada")
	other := v.copy()
	require.NoError(t, country.ask(other, 1, renewSession))
	flaky := &list{honest: country.lists[0], revoke: errors.New("away")}
	jar := jarOf[basket](t, country.shop, func(o *sealjar.Options) { o.Revocation = flaky })
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Error(t, s.End(ctx))
		require.Error(t, s.Renew(ctx))
		flaky.revoke = nil
		require.NoError(t, s.Renew(ctx))
	})
	_, err := subjectOf(other, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
}

// Another implementation may give ids of another length. Such a session is renewed and ended like any other.
func TestRenewalOfASessionFromElsewhere(t *testing.T) {
	shop := newShop(t)
	jar := jarOf[basket](t, shop)
	v, err := sealed(t, shop, "ada", `{"d":{"views":7}}`)
	require.NoError(t, err)
	old := v.copy()
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Renew(ctx)) })
	subject, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "ada", subject)
	renewed := v.copy()
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
	for _, v := range []visitor{old, renewed} {
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	}
}
