package sealjar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// country is two nodes of one application, of which neither has heard yet of what the other has revoked since the last delivery.
type country struct {
	*shop
	jars  [2]*sealjar.Jar[basket]
	lists [2]*revocation.Memory
	under [2][]revocation.Entry // under way from each to the other
}

// border is the list of one of them.
type border struct {
	*country
	node int
}

func (b border) Check(ctx context.Context, c revocation.Claims) error {
	return b.lists[b.node].Check(ctx, c)
}

func (b border) Revoke(ctx context.Context, e revocation.Entry) error {
	b.under[b.node] = append(b.under[b.node], e)
	return b.lists[b.node].Revoke(ctx, e)
}

func newCountry(t tester) *country {
	c := &country{shop: newShop(t)}
	for i := range c.jars {
		c.lists[i] = &revocation.Memory{Now: c.Now}
		c.jars[i] = jarOf[basket](t, c.shop, func(o *sealjar.Options) { o.Revocation = border{c, i} })
	}
	return c
}

func (c *country) deliver(t tester) {
	for i, entries := range c.under {
		require.NoError(t, c.lists[1-i].Add(context.Background(), entries...))
		c.under[i] = nil
	}
}

func (c *country) ask(v visitor, node int, do func(context.Context, *sealjar.Session[basket]) error) (err error) {
	ask(v, c.jars[node], func(ctx context.Context, s *sealjar.Session[basket]) { err = do(ctx, s) })
	return err
}

func renewSession(ctx context.Context, s *sealjar.Session[basket]) error { return s.Renew(ctx) }
func endSession(ctx context.Context, s *sealjar.Session[basket]) error   { return s.End(ctx) }

// A node that has not heard of the end of a session renews it, and what comes of that ends as well.
func TestARenewalElsewhereDoesNotOutliveTheEnd(t *testing.T) {
	twice := func(ctx context.Context, s *sealjar.Session[basket]) error {
		return errors.Join(s.Renew(ctx), s.Renew(ctx))
	}
	fill := func(_ context.Context, s *sealjar.Session[basket]) error { s.Data.Views = 1; return nil }
	for name, c := range map[string]struct {
		before, here, there func(context.Context, *sealjar.Session[basket]) error
	}{
		"End":                            {nil, endSession, renewSession},
		"End of what was renewed before": {renewSession, endSession, renewSession},
		"End of what was renewed often":  {twice, endSession, twice},
		"two renewals in one request":    {nil, endSession, twice},
		"Renew and End in one request": {nil, func(ctx context.Context, s *sealjar.Session[basket]) error {
			return errors.Join(s.Renew(ctx), s.End(ctx))
		}, renewSession},
		"signing in again":  {nil, func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }, renewSession},
		"signing in at all": {nil, func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }, renewSession},
		"signing in as another": {nil, func(ctx context.Context, s *sealjar.Session[basket]) error {
			return s.SignIn(ctx, "grace")
		}, renewSession},
	} {
		t.Run(name, func(t *testing.T) {
			country, v := newCountry(t), visitor{}
			if name != "signing in at all" {
				signIn(t, v, country.jars[0], "ada")
			} else {
				require.NoError(t, country.ask(v, 0, fill))
			}
			if c.before != nil {
				require.NoError(t, country.ask(v, 0, c.before))
			}
			country.deliver(t)
			other := v.copy()
			require.NoError(t, country.ask(v, 0, c.here))
			require.NoError(t, country.ask(other, 1, c.there))
			again := other.copy()
			require.NoError(t, country.ask(again, 1, renewSession), "and again")
			country.deliver(t)
			for i, jar := range country.jars {
				for _, v := range []visitor{other, again} {
					_, err := subjectOf(v, jar)
					require.ErrorIs(t, err, sealjar.ErrRevoked, "node %d", i)
				}
			}
			if len(v) > 0 {
				subject, err := subjectOf(v, country.jars[1])
				require.NoError(t, err, "who has signed in stays")
				require.NotEmpty(t, subject)
			}
		})
	}
}

// The end of all other sessions renews the session at hand, so it is no way around its end either.
func TestEndOthersElsewhereDoesNotOutliveTheEnd(t *testing.T) {
	country, v := newCountry(t), visitor{}
	signIn(t, v, country.jars[0], "ada")
	other := v.copy()
	require.NoError(t, country.ask(v, 0, endSession))
	require.NoError(t, endOthers(other, country.jars[1]))
	country.deliver(t)
	_, err := subjectOf(other, country.jars[1])
	require.ErrorIs(t, err, sealjar.ErrRevoked)
}

// Who shows at the same moment elsewhere who they are has signed in, as if it were a moment after the end. That session has
// nothing to do with the old one, and ends by itself, and with all of the subject.
func TestASignInElsewhereOutlivesTheEnd(t *testing.T) {
	country, v := newCountry(t), visitor{}
	signIn(t, v, country.jars[0], "ada")
	other := v.copy()
	require.NoError(t, country.ask(v, 0, endSession))
	require.NoError(t, country.ask(other, 1, func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }))
	country.deliver(t)
	_, err := subjectOf(other, country.jars[0])
	require.NoError(t, err)

	t.Run("and not the end of all", func(t *testing.T) {
		country, v := newCountry(t), visitor{}
		signIn(t, v, country.jars[0], "ada")
		country.pass(time.Second)
		require.NoError(t, country.jars[0].EndAll(t.Context(), "ada"))
		require.NoError(t, country.ask(v, 1, func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }))
		country.deliver(t)
		_, err := subjectOf(v, country.jars[1])
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}

// Who ends what they hold, and does not know yet that it lives on under another id elsewhere, ends that.
func TestEndOfAnOldCookieEndsWhatItWasRenewedInto(t *testing.T) {
	country, v := newCountry(t), visitor{}
	signIn(t, v, country.jars[0], "ada")
	old := v.copy()
	require.NoError(t, country.ask(v, 1, renewSession))
	second := v.copy()
	require.NoError(t, country.ask(v, 1, renewSession))
	require.NoError(t, country.ask(old, 0, endSession))
	country.deliver(t)
	for _, v := range []visitor{second, v} {
		for _, jar := range country.jars {
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, sealjar.ErrRevoked)
		}
	}
}

// A renewal ends the cookie that it leaves, and nothing else.
func TestARenewalLivesAndWhatItLeftDoesNot(t *testing.T) {
	country, v := newCountry(t), visitor{}
	signIn(t, v, country.jars[0], "ada")
	var old []visitor
	for range 3 {
		old = append(old, v.copy())
		require.NoError(t, country.ask(v, 0, renewSession))
	}
	country.deliver(t)
	for i, jar := range country.jars {
		subject, err := subjectOf(v, jar)
		require.NoError(t, err)
		require.Equal(t, "ada", subject)
		for _, v := range old {
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, sealjar.ErrRevoked, "node %d", i)
		}
	}
}

// Two nodes renew, end and sign in from any of the cookies that were ever given, and hear of each other late or never in
// between. When all has been told, the sessions that live are those whose id was not left and of whose line nothing was ended.
func TestRenewalsAndEndsAgainstAModel(t *testing.T) {
	type cookie struct {
		visitor
		id   string
		line int // from one sign-in on
	}
	rapid.Check(t, func(t *rapid.T) {
		country := newCountry(t)
		var cookies []cookie
		lines, writes, left, ended := 0, 0, map[string]bool{}, map[int]bool{}
		keep := func(v visitor, line int) {
			s, err := country.jars[0].Load(v.request())
			if err != nil {
				s, err = country.jars[1].Load(v.request())
			}
			require.NoError(t, err)
			cookies = append(cookies, cookie{v, s.ID(), line})
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			country.pass(time.Second)
			node := rapid.IntRange(0, 1).Draw(t, "node")
			op := rapid.SampledFrom([]string{"sign in", "sign in anew", "renew", "renew", "end", "deliver"}).Draw(t, "op")
			if op == "deliver" {
				country.deliver(t)
				continue
			}
			if op == "sign in" || len(cookies) == 0 {
				v := visitor{}
				signIn(t, v, country.jars[node], "ada")
				lines++
				keep(v, lines)
				continue
			}
			from := cookies[rapid.IntRange(0, len(cookies)-1).Draw(t, "cookie")]
			v := from.copy()
			if _, err := subjectOf(v, country.jars[node]); err != nil {
				continue // this node has heard
			}
			switch op {
			case "sign in anew":
				writes++
				signIn(t, v, country.jars[node], "ada")
				left[from.id], ended[from.line] = true, true
				lines++
				keep(v, lines)
			case "renew":
				writes++
				require.NoError(t, country.ask(v, node, renewSession))
				left[from.id] = true
				keep(v, from.line)
			case "end":
				writes++
				require.NoError(t, country.ask(v, node, endSession))
				ended[from.line] = true
			}
		}
		country.deliver(t)
		require.LessOrEqual(t, country.lists[0].Len(), writes, "one entry each")
		for _, c := range cookies {
			for _, jar := range country.jars {
				_, err := subjectOf(c.visitor, jar)
				require.Equal(t, left[c.id] || ended[c.line], errors.Is(err, sealjar.ErrRevoked), "%v", err)
			}
		}
	})
}
