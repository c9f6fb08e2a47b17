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

// start gives a visitor who is signed in, at a time that is a whole millisecond, so that boundaries are exact.
func start(t tester, change ...func(*sealjar.Options)) (*shop, *sealjar.Jar[basket], visitor) {
	t.Helper()
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	jar, v := jarOf[basket](t, shop, change...), visitor{}
	signIn(t, v, jar, "ada")
	return shop, jar, v
}

func TestIdleRenewalAtAQuarter(t *testing.T) {
	for _, c := range []struct {
		name string
		used time.Duration
		want bool
	}{
		{"at once not", 0, false},
		{"just before a quarter not", 450*time.Second - time.Millisecond, false},
		{"at a quarter", 450 * time.Second, true},
		{"late", 29 * time.Minute, true},
		{"by the leeway", 30*time.Minute + token.Leeway - time.Millisecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar, v := start(t)
			began := shop.Now()
			shop.pass(c.used)
			require.Equal(t, c.want, wrote(view(v, jar)))
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				require.Equal(t, began, s.AuthTime().UTC())
				end := began.Add(30 * time.Minute)
				if c.want {
					end = end.Add(c.used)
				}
				require.Equal(t, end, s.IdleExpiry().UTC())
			})
		})
	}
}

func TestIdleExpiry(t *testing.T) {
	for _, c := range []struct {
		name string
		used time.Duration
		want error
	}{
		{"before the leeway is over", 30*time.Minute + token.Leeway - time.Millisecond, nil},
		{"when the leeway is over", 30*time.Minute + token.Leeway, sealjar.ErrExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar, v := start(t)
			shop.pass(c.used)
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestAbsoluteLifetimeNeverSlides(t *testing.T) {
	shop, jar, v := start(t)
	var written int
	for range 12*6 - 1 { // every ten minutes
		shop.pass(10 * time.Minute)
		if wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Err()) })) {
			written++
		}
	}
	require.Equal(t, 12*6-3, written, "each time, but not when the end is nearer than the idle time")
	require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })))
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, s.AbsoluteExpiry(), s.IdleExpiry())
	})

	shop.pass(10*time.Minute + token.Leeway - time.Millisecond)
	shop.told("")
	require.False(t, wrote(view(v, jar)), "lives by the leeway, and no longer")
	require.Empty(t, shop.told(sealjar.EventUnwritten))
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })))
	require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrExpired)

	shop.pass(time.Millisecond)
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrExpired)
}

// A request may end in the moment in which its session does. The response is worth more than the cookie.
func TestChangeInTheLastMomentIsNoError(t *testing.T) {
	for before := range 40 {
		shop, _, v := start(t, func(o *sealjar.Options) { o.Idle, o.Absolute = time.Hour, time.Hour })
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) {
			o.Idle, o.Absolute = time.Hour, time.Hour
			o.Now = func() time.Time { shop.pass(100 * time.Microsecond); return shop.Now() }
		})
		shop.pass(time.Hour - time.Duration(before)*100*time.Microsecond)
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
		require.Equal(t, 200, response.StatusCode)
		if !wrote(response) {
			require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrExpired)
		}
	}
}

func TestConfigurationTakesEffectOnLiveSessions(t *testing.T) {
	idle := func(d time.Duration) func(*sealjar.Options) { return func(o *sealjar.Options) { o.Idle = d } }
	absolute := func(d time.Duration) func(*sealjar.Options) {
		return func(o *sealjar.Options) { o.Idle, o.Absolute = 0, d }
	}
	for _, c := range []struct {
		name     string
		old, now func(*sealjar.Options)
		used     time.Duration // until a request
		want     error
		then     time.Duration // until another
		wantThen error
	}{
		{
			name: "shorter idle", old: idle(time.Hour), now: idle(10 * time.Minute),
			used: 9 * time.Minute, then: 11 * time.Minute, wantThen: sealjar.ErrExpired,
		},
		{name: "shorter idle, over already", old: idle(time.Hour), now: idle(10 * time.Minute), used: 11 * time.Minute, want: sealjar.ErrExpired},
		{name: "longer idle, from the next renewal on", old: idle(10 * time.Minute), now: idle(time.Hour), used: 9 * time.Minute, then: 50 * time.Minute},
		{name: "longer idle does not raise the dead", old: idle(10 * time.Minute), now: idle(time.Hour), used: 11 * time.Minute, want: sealjar.ErrExpired},
		{name: "shorter absolute, over already", old: absolute(time.Hour), now: absolute(10 * time.Minute), used: 11 * time.Minute, want: sealjar.ErrExpired},
		{
			name: "shorter absolute", old: absolute(time.Hour), now: absolute(20 * time.Minute),
			used: 15 * time.Minute, then: 6 * time.Minute, wantThen: sealjar.ErrExpired,
		},
		{name: "longer absolute", old: absolute(20 * time.Minute), now: absolute(time.Hour), used: 19 * time.Minute, then: 29 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, _, v := start(t, c.old)
			jar := jarOf[basket](t, shop, c.now)
			shop.pass(c.used)
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.ErrorIs(t, s.Err(), c.want) })
			if c.want != nil {
				return
			}
			shop.pass(c.then)
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, c.wantThen)
		})
	}
}

func TestOwnLifetimeIsOnlyShorter(t *testing.T) {
	shop, jar, v := start(t)
	shop.pass(5 * time.Minute)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Error(t, s.SetLifetime(12*time.Hour+time.Second), "longer than the jar's")
		require.Error(t, s.SetLifetime(time.Second-1))
		require.Error(t, s.SetLifetime(-time.Hour))
		require.Error(t, s.SetLifetime(5*time.Minute), "over already")
		require.NoError(t, s.SetLifetime(20*time.Minute+time.Millisecond))
		require.Equal(t, s.AuthTime().Add(20*time.Minute), s.AbsoluteExpiry(), "in whole seconds, from when it was signed in")
	})
	shop.pass(10 * time.Minute)
	view(v, jar)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, s.AuthTime().Add(20*time.Minute), s.AbsoluteExpiry(), "kept by a renewal")
		require.Equal(t, s.AbsoluteExpiry(), s.IdleExpiry())
	})
	shop.pass(5*time.Minute + token.Leeway)
	_, err := subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrExpired)
}

func TestPassiveRequestsDoNotRenew(t *testing.T) {
	for _, c := range []struct {
		name string
		use  func(*sealjar.Jar[basket], context.Context)
		want bool
	}{
		{"From counts", func(j *sealjar.Jar[basket], ctx context.Context) { j.From(ctx) }, true},
		{"Touch counts", func(j *sealjar.Jar[basket], ctx context.Context) { j.Touch(ctx) }, true},
		{"Any counts", func(j *sealjar.Jar[basket], ctx context.Context) { j.Any(ctx) }, true},
		{"Peek, then From counts", func(j *sealjar.Jar[basket], ctx context.Context) { j.Peek(ctx); j.From(ctx) }, true},
		{"Peek does not", func(j *sealjar.Jar[basket], ctx context.Context) { j.Peek(ctx) }, false},
		{"Check does not", func(j *sealjar.Jar[basket], ctx context.Context) { _ = j.Check(ctx) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar, v := start(t)
			shop.pass(20 * time.Minute)
			response := v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { c.use(jar, r.Context()) })
			require.Equal(t, c.want, wrote(response))
			require.Equal(t, "Cookie", response.Header.Get("Vary"))
		})
	}
	t.Run("a change by Peek is written and moves no end", func(t *testing.T) {
		shop, jar, v := start(t)
		end := shop.Now().Add(30 * time.Minute)
		shop.pass(20 * time.Minute)
		v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { jar.Peek(r.Context()).Data.Views = 7 })
		s, err := jar.Load(v.request())
		require.NoError(t, err)
		require.Equal(t, 7, s.Data.Views)
		require.Equal(t, end, s.IdleExpiry().UTC())
		shop.pass(10*time.Minute + token.Leeway)
		_, err = subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrExpired)
	})
}

func TestCheck(t *testing.T) {
	shop, jar, v := start(t)
	check := func(v visitor) (err error) {
		v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { err = jar.Check(r.Context()) })
		return err
	}
	require.NoError(t, check(v))
	require.ErrorIs(t, check(visitor{}), sealjar.ErrNone)
	require.ErrorIs(t, check(visitor{"__Host-session": "x"}), sealjar.ErrInvalid)
	anonymous := visitor{}
	ask(anonymous, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
	require.ErrorIs(t, check(anonymous), sealjar.ErrAnonymous)
	shop.pass(time.Hour)
	require.ErrorIs(t, check(v), sealjar.ErrExpired)
}

func TestSessionMovesToTheSealingKey(t *testing.T) {
	source := new(swap)
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	began := shop.Now()
	old, young := keyOf(t, time.Time{}, time.Time{}), keyOf(t, began.Add(time.Minute), time.Time{})
	source.Store(ringOf(t, old, young))
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Keys = source })
	v := visitor{}
	signIn(t, v, jar, "ada")
	require.Equal(t, old.ID(), shop.told(sealjar.EventSealed)[0].KeyID)

	shop.pass(time.Minute)
	require.False(t, wrote(v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { jar.Peek(r.Context()) })), "not for a passive request")
	require.True(t, wrote(view(v, jar)))
	require.Equal(t, young.ID(), shop.told(sealjar.EventSealed)[0].KeyID)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, began.Add(30*time.Minute), s.IdleExpiry().UTC(), "without a longer life")
		require.Equal(t, began, s.AuthTime().UTC())
		require.Equal(t, "ada", s.Subject())
	})
	require.False(t, wrote(view(v, jar)), "once")

	t.Run("not back to an older one, for a node whose clock is behind", func(t *testing.T) {
		behind := jarOf[basket](t, shop, func(o *sealjar.Options) {
			o.Keys, o.Now = source, func() time.Time { return shop.Now().Add(-10 * time.Second) }
		})
		require.False(t, wrote(view(v, behind)))
	})
	t.Run("a key that is dropped takes its sessions along", func(t *testing.T) {
		source.Store(ringOf(t, old))
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrInvalid)
		require.ErrorIs(t, err, token.ErrUnknownKey)
	})
}

func TestNoSessionOutlivesItsKey(t *testing.T) {
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Second)
	end := shop.Now().Add(20 * time.Minute)
	shop.ring = ringOf(t, keyOf(t, time.Time{}, end))
	jar, v := jarOf[basket](t, shop, func(o *sealjar.Options) { o.AllowShortKeys = true }), visitor{}
	signIn(t, v, jar, "ada")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, end, s.IdleExpiry().UTC()) })
	shop.pass(15 * time.Minute)
	require.False(t, wrote(view(v, jar)), "a renewal could not move its end")
	shop.pass(5*time.Minute - time.Millisecond)
	_, err := subjectOf(v, jar)
	require.NoError(t, err)
	shop.pass(time.Millisecond)
	_, err = subjectOf(v, jar)
	require.ErrorIs(t, err, token.ErrKeyExpired, "no leeway: the key is gone")
}

func TestLifetimeOfAPartOfASecondIsCutFirst(t *testing.T) {
	shop, v := newShop(t), visitor{}
	jar := jarOf[basket](t, shop)
	signIn(t, v, jar, "ada")
	shop.pass(1200 * time.Millisecond)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.ErrorContains(t, s.SetLifetime(1500*time.Millisecond), "is over already")
	})
}

func TestRenewalByOption(t *testing.T) {
	for _, c := range []struct {
		renewal float64
		after   time.Duration // that the session has not been used
		want    bool
	}{
		{0, 450*time.Second - time.Millisecond, false},
		{0, 450 * time.Second, true},
		{0.25, 450 * time.Second, true},
		{0.5, 15*time.Minute - time.Millisecond, false},
		{0.5, 15 * time.Minute, true},
		{1e-9, 0, false}, // nothing would move
		{1e-9, time.Millisecond, true},
		{5e-324, time.Millisecond, true},
		{1, 29 * time.Minute, false},
		{1, 30*time.Minute + token.Leeway - time.Millisecond, false},
	} {
		shop := newShop(t)
		shop.now = shop.now.Truncate(time.Millisecond)
		jar, v := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Renewal = c.renewal }), visitor{}
		signIn(t, v, jar, "ada")
		shop.pass(c.after)
		require.Equal(t, c.want, wrote(view(v, jar)), "%v after %v", c.renewal, c.after)
		s, err := jar.Load(v.request())
		require.NoError(t, err)
		if c.want {
			require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry().UTC())
		} else {
			require.Equal(t, shop.Now().Add(30*time.Minute-c.after), s.IdleExpiry().UTC())
		}
	}
}

func TestOnlyAChangeRenewsWithRenewalOne(t *testing.T) {
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	jar, v := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Renewal = 1 }), visitor{}
	signIn(t, v, jar, "ada")
	shop.pass(20 * time.Minute)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
	s, err := jar.Load(v.request())
	require.NoError(t, err)
	require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry().UTC())
}
