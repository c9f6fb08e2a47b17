package sealjar_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

// noRing is a source that breaks its promise.
type noRing struct{}

func (noRing) Ring() *keys.Ring { return nil }

func TestOptionsRefused(t *testing.T) {
	const day = 24 * time.Hour
	ring := sealjartest.Ring(t)
	for name, test := range map[string]struct {
		options sealjar.Options
		field   string // what the error must name
	}{
		"no keys":             {sealjar.Options{}, "Options.Keys"},
		"a nil ring":          {sealjar.Options{Keys: (*keys.Ring)(nil)}, "Keys"},
		"a source of nothing": {sealjar.Options{Keys: noRing{}}, "Keys"},
		"a ring of no keys":   {sealjar.Options{Keys: &keys.Ring{}}, "Options.Keys"},
		"a nil list":          {sealjar.Options{Keys: ring, Revocation: (*revocation.Memory)(nil)}, "Options.Revocation"},
		"a long issuer":       {sealjar.Options{Keys: ring, Issuer: strings.Repeat("i", 256)}, "Issuer"},
		"a broken issuer":     {sealjar.Options{Keys: ring, Issuer: "\xff"}, "Issuer"},

		"negative idle":              {sealjar.Options{Keys: ring, Idle: -time.Minute}, "Options.Idle"},
		"short idle":                 {sealjar.Options{Keys: ring, Idle: time.Second - 1}, "Options.Idle"},
		"long idle":                  {sealjar.Options{Keys: ring, Idle: 400*day + 1, Absolute: 400 * day}, "Options.Idle"},
		"negative absolute":          {sealjar.Options{Keys: ring, Idle: time.Minute, Absolute: -1}, "Options.Absolute"},
		"short absolute":             {sealjar.Options{Keys: ring, Idle: time.Second, Absolute: time.Second - 1}, "Options.Absolute"},
		"long absolute":              {sealjar.Options{Keys: ring, Absolute: 400*day + 1}, "Options.Absolute"},
		"negative remember idle":     {sealjar.Options{Keys: ring, RememberIdle: -1}, "Options.RememberIdle"},
		"long remember idle":         {sealjar.Options{Keys: ring, RememberIdle: 400*day + 1}, "Options.RememberIdle"},
		"negative remember absolute": {sealjar.Options{Keys: ring, RememberIdle: day, RememberAbsolute: -1}, "Options.RememberAbsolute"},
		"long remember absolute":     {sealjar.Options{Keys: ring, RememberAbsolute: 401 * day}, "Options.RememberAbsolute"},
		"idle over absolute": {
			sealjar.Options{Keys: ring, Idle: 2 * time.Hour, Absolute: time.Hour}, "Options.Idle (2h0m0s) is longer than Options.Absolute (1h0m0s)",
		},
		"idle over the default absolute": {
			sealjar.Options{Keys: ring, Idle: 13 * time.Hour}, "Options.Idle (13h0m0s) is longer than Options.Absolute (12h0m0s)",
		},
		"remember idle over remember absolute": {
			sealjar.Options{Keys: ring, RememberIdle: 2 * day, RememberAbsolute: day},
			"Options.RememberIdle (48h0m0s) is longer than Options.RememberAbsolute (24h0m0s)",
		},
		"negative renewal":   {sealjar.Options{Keys: ring, Renewal: -0.1}, "Options.Renewal"},
		"renewal over one":   {sealjar.Options{Keys: ring, Renewal: 1.01}, "Options.Renewal"},
		"renewal, infinite":  {sealjar.Options{Keys: ring, Renewal: math.Inf(1)}, "Options.Renewal"},
		"renewal, no number": {sealjar.Options{Keys: ring, Renewal: math.NaN()}, "Options.Renewal"},
		"a bad cookie":       {sealjar.Options{Keys: ring, Cookie: sealjar.Cookie{Name: "a b"}}, "Options.Cookie.Name"},
	} {
		t.Run(name, func(t *testing.T) {
			jar, err := sealjar.New[webState](test.options)
			require.Nil(t, jar)
			require.ErrorContains(t, err, test.field)
			require.True(t, strings.HasPrefix(err.Error(), "sealjar: "), err)
		})
	}
}

func TestOptionsAllowed(t *testing.T) {
	const day = 24 * time.Hour
	for name, options := range map[string]sealjar.Options{
		"the zero value":                      {},
		"the shortest lifetimes":              {Idle: time.Second, Absolute: time.Second, RememberIdle: time.Second, RememberAbsolute: time.Second},
		"the longest lifetimes":               {Idle: 400 * day, Absolute: 400 * day, RememberIdle: 400 * day, RememberAbsolute: 400 * day},
		"an absolute under the default idle":  {Absolute: time.Minute},
		"a remembered one likewise":           {RememberAbsolute: time.Hour},
		"remembered for less than the others": {RememberIdle: time.Minute, RememberAbsolute: time.Minute},
		"the longest issuer":                  {Issuer: strings.Repeat("i", 255)},
	} {
		t.Run(name, func(t *testing.T) {
			jar := webJar(t, options)
			views, err := webViews(jar, webSealViews(t, jar, 7))
			require.NoError(t, err)
			require.Equal(t, 7, views)
		})
	}
}

func TestOptionsDefaultLifetimes(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.Equal(t, webStart.Add(30*time.Minute), s.IdleExpiry().UTC())
		require.Equal(t, webStart.Add(12*time.Hour), s.AbsoluteExpiry().UTC())
		require.NoError(t, s.Remember(true))
		require.Equal(t, webStart.Add(7*24*time.Hour), s.IdleExpiry().UTC())
		require.Equal(t, webStart.Add(30*24*time.Hour), s.AbsoluteExpiry().UTC())
	})
}

// A jar whose keys can't sign could never write a session, and would say so with the first sign-in.
func TestOptionsKeysThatOnlyOpenNeedReadOnly(t *testing.T) {
	key, err := keys.Generate(keys.EdDSA, time.Time{}, time.Time{})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	require.NoError(t, err)
	sealed := webSealViews(t, webJar(t, sealjar.Options{Keys: ring}), 7)
	text, err := keys.MarshalOpenOnly(ring)
	require.NoError(t, err)
	public, err := keys.Parse(text, keys.Options{OpenOnly: true})
	require.NoError(t, err)

	_, err = sealjar.New[webState](sealjar.Options{Keys: public})
	require.EqualError(t, err, "sealjar: Options.Keys can only open: set Options.ReadOnly")
	views, err := webViews(webJar(t, sealjar.Options{Keys: public, ReadOnly: true}), sealed)
	require.NoError(t, err)
	require.Equal(t, 7, views)
}

// An idle time that nobody has set gives way to an absolute one that somebody has.
func TestOptionsAbsoluteBoundsDefaultIdle(t *testing.T) {
	jar := webJar(t, sealjar.Options{Absolute: time.Minute, RememberAbsolute: time.Hour})
	webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.Equal(t, webStart.Add(time.Minute), s.IdleExpiry().UTC())
		require.NoError(t, s.Remember(true))
		require.Equal(t, webStart.Add(time.Hour), s.IdleExpiry().UTC())
	})
}

func TestOptionsIssuerBindsSession(t *testing.T) {
	ring := sealjartest.Ring(t)
	of := func(issuer string) *sealjar.Jar[webState] {
		return webJar(t, sealjar.Options{Keys: ring, Issuer: issuer})
	}
	for _, issuer := range []string{"shop", "forum", ""} {
		sealed := webSealViews(t, of(issuer), 7)
		for _, reader := range []string{"shop", "forum", ""} {
			views, err := webViews(of(reader), sealed)
			if reader == issuer {
				require.NoError(t, err)
				require.Equal(t, 7, views)
				continue
			}
			require.ErrorIs(t, err, sealjar.ErrInvalid, "%q read by %q", issuer, reader)
			require.Zero(t, views)
		}
	}
}

// The name of the cookie is bound into its token.
func TestOptionsCookieCopiedToAnotherNameRefused(t *testing.T) {
	ring := sealjartest.Ring(t)
	user := webJar(t, sealjar.Options{Keys: ring})
	admin := webJar(t, sealjar.Options{Keys: ring, Cookie: sealjar.Cookie{Name: "__Host-admin"}})
	_, token, _ := strings.Cut(webSealViews(t, user, 7), "=")

	views, err := webViews(admin, "__Host-admin="+token)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
	require.Zero(t, views)
	views, err = webViews(user, "__Host-session="+token)
	require.NoError(t, err)
	require.Equal(t, 7, views)
}

// Several jars of one application, with one ring, each keep to their own cookie.
func TestOptionsSeveralJars(t *testing.T) {
	ring := sealjartest.Ring(t)
	user := webJar(t, sealjar.Options{Keys: ring})
	cart := webJar(t, sealjar.Options{Keys: ring, Cookie: sealjar.Cookie{Name: "__Host-cart", SameSite: http.SameSiteStrictMode}})
	both := func(w http.ResponseWriter, r *http.Request) {
		user.From(r.Context()).Data.Views++
		cart.From(r.Context()).Data.Views += 10
	}
	nested := func(cookies ...string) *http.Response {
		return webRespond(user, func(w http.ResponseWriter, r *http.Request) {
			w, r, end := cart.Begin(w, r, nil)
			both(w, r)
			end(false)
		}, cookies...)
	}
	lines := nested().Header["Set-Cookie"]
	require.Len(t, lines, 2)
	var pairs []string
	for _, line := range lines {
		pair, attributes, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
		require.Equal(t, strings.HasPrefix(pair, "__Host-cart="), strings.Contains(attributes, "SameSite=Strict"))
	}
	sent := strings.Join(pairs, "; ")
	views, err := webViews(user, sent)
	require.NoError(t, err)
	require.Equal(t, 1, views)
	views, err = webViews(cart, sent)
	require.NoError(t, err)
	require.Equal(t, 10, views)

	header := nested(sent).Header
	require.Len(t, header["Set-Cookie"], 2)
	require.Equal(t, []string{"Cookie"}, header["Vary"], "once for both")
	require.Equal(t, []string{"no-store"}, header["Cache-Control"])
}
