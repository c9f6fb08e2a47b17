package sealjar_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
)

func TestSpillOptionsRefused(t *testing.T) {
	var none *spill.Memory
	store := &spill.Memory{}
	for name, test := range map[string]struct {
		options spill.Options
		field   string
	}{
		"always, and no store":    {spill.Options{Always: true}, "Options.Spill.Store is missing"},
		"a limit, and no store":   {spill.Options{MaxBytes: 5000}, "Options.Spill.Store is missing"},
		"a nil store":             {spill.Options{Store: none}, "Options.Spill.Store is a nil *spill.Memory"},
		"rows too small":          {spill.Options{Store: store, MaxBytes: 4095}, "Options.Spill.MaxBytes"},
		"rows too large":          {spill.Options{Store: store, MaxBytes: spill.MaxSize + 1}, "Options.Spill.MaxBytes"},
		"rows below nothing":      {spill.Options{Store: store, MaxBytes: -1}, "Options.Spill.MaxBytes"},
		"no time":                 {spill.Options{Store: store, Timeout: -1}, "Options.Spill.Timeout"},
		"more time than a minute": {spill.Options{Store: store, Timeout: time.Minute + 1}, "Options.Spill.Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sealjar.New[basket](newShop(t).options(func(o *sealjar.Options) { o.Spill = test.options }))
			require.ErrorContains(t, err, "sealjar: "+test.field)
		})
	}
}

// A session that grows and shrinks: the cookie while it fits, then the store, and back with a new id.
func TestSpillWhatDoesNotFit(t *testing.T) {
	shop, store, jar := spilled(t, false)
	v := visitor{}
	signIn(t, v, jar, "ada")
	ask(v, jar, count)
	require.Equal(t, [3]int{}, store.asked(), "a small session knows no store")

	require.Equal(t, 200, ask(v, jar, fill).StatusCode)
	require.Equal(t, [3]int{0, 1, 0}, store.asked())
	require.Less(t, v.size(), 1000)
	sealed := shop.told(sealjar.EventSealed)
	require.Greater(t, sealed[len(sealed)-1].Row, 5000)
	require.Equal(t, 128<<10, sealed[len(sealed)-1].RowLimit)

	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.Err())
		require.Equal(t, "ada", s.Subject())
		require.Equal(t, 1, s.Data.Views)
		require.Len(t, s.Data.Items[0], 5000)
		s.Data.Items = nil
	})
	require.Equal(t, [3]int{1, 1, 0}, store.asked(), "it stays in the store when it shrinks")
	ask(v, jar, count)
	require.Equal(t, [3]int{1, 1, 0}, store.asked())
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Renew(ctx)) })
	require.Equal(t, [3]int{1, 0, 1}, store.asked(), "until it is another one")
	require.Zero(t, store.Len())
	n, err := views(v, jar)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, [3]int{}, store.asked())
}

// What a request costs, which is what a store must be dimensioned for.
func TestSpillCost(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	require.Equal(t, [3]int{0, 1, 0}, store.asked())
	for _, c := range []struct {
		name string
		do   http.HandlerFunc
		cost [3]int
	}{
		{"a request that does not ask for its session", func(http.ResponseWriter, *http.Request) {}, [3]int{}},
		{"one that reads", func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()) }, [3]int{1, 0, 0}},
		{"a gate and a handler", func(_ http.ResponseWriter, r *http.Request) {
			_ = jar.Check(r.Context())
			jar.From(r.Context())
		}, [3]int{1, 0, 0}},
		{"one that changes", func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()).Data.Views++ }, [3]int{1, 1, 0}},
		{"a renewal", func(_ http.ResponseWriter, r *http.Request) {
			shop.pass(10 * time.Minute)
			jar.From(r.Context())
		}, [3]int{1, 0, 0}},
		{"signing in anew", func(_ http.ResponseWriter, r *http.Request) {
			require.NoError(t, jar.From(r.Context()).SignIn(r.Context(), "ada"))
		}, [3]int{1, 2, 2}}, // with the spare, which is there before the old id is revoked
		{"the end", func(_ http.ResponseWriter, r *http.Request) {
			require.NoError(t, jar.From(r.Context()).End(r.Context()))
		}, [3]int{1, 0, 1}},
	} {
		require.Equal(t, 200, v.serve(jar, c.do).StatusCode)
		require.Equal(t, c.cost, store.asked(), c.name)
	}
	require.Empty(t, v)
	require.Zero(t, store.Len())
}

// Strangers can't make a node ask its store, and nobody can for a session that is over.
func TestSpillStoreIsNotAskedInVain(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	text := v["__Host-session"]
	store.asked()
	refused := func(why error, value string) {
		t.Helper()
		_, err := subjectOf(visitor{"__Host-session": value}, jar)
		require.ErrorIs(t, err, why)
		require.Equal(t, [3]int{}, store.asked())
	}
	refused(sealjar.ErrInvalid, "garbage")
	refused(sealjar.ErrInvalid, text[:len(text)-1]+"-") // it has bits that are not used
	require.NoError(t, jar.EndAll(t.Context(), "ada"))
	refused(sealjar.ErrRevoked, text)
	shop.pass(time.Hour)
	refused(sealjar.ErrExpired, text)
}

// Whatever cookie of the session somebody has kept, it shows what the session is now, and takes nothing of it back.
func TestSpillNoWayBack(t *testing.T) {
	for _, always := range []bool{true, false} {
		_, store, jar := spilled(t, always)
		v := visitor{}
		ask(v, jar, fill)
		older := v.copy()
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			s.Data.Views = 7
			require.NoError(t, s.SetGroups("staff"))
			require.NoError(t, s.SetLifetime(time.Hour))
		})
		store.asked()
		response := ask(older, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.Err())
			require.Equal(t, 7, s.Data.Views)
			require.Equal(t, []string{"staff"}, s.Groups())
			require.Equal(t, time.Hour, s.AbsoluteExpiry().Sub(s.AuthTime()))
		})
		require.True(t, wrote(response), "a reference that says less than the row is replaced")
		require.Equal(t, [3]int{1, 0, 0}, store.asked())
		require.False(t, wrote(ask(older, jar, func(context.Context, *sealjar.Session[basket]) {})))
		ask(older, jar, count)
		n, err := views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 8, n)
	}
}

// What the reference does not say is asked of the list too.
func TestSpillRevokedByWhatTheRowSays(t *testing.T) {
	shop, _, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	older := v.copy()
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.SetGroups("tenant-7")) })
	revokeGroup(t, shop, "tenant-7")
	for _, copied := range []visitor{v, older} {
		_, err := subjectOf(copied, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	}
}

// A cookie from before the session went into the store.
func TestSpillCookieFromBefore(t *testing.T) {
	t.Run("shows the row, where all sessions are in the store", func(t *testing.T) {
		shop, store, jar := spilled(t, true)
		v := visitor{}
		signIn(t, v, jarOf[basket](t, shop), "ada")
		before := v.copy()
		require.True(t, wrote(view(v, jar)), "it is taken over by the first request")
		require.Equal(t, [3]int{1, 1, 0}, store.asked())
		ask(v, jar, count)
		n, err := views(before, jar)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		ask(before, jar, count)
		n, err = views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	})
	t.Run("never replaces a row", func(t *testing.T) {
		shop, store, jar := spilled(t, false)
		v := visitor{}
		signIn(t, v, jar, "ada")
		before := v.copy()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			fill(ctx, s)
			s.Data.Views = 7
		})
		shop.pass(time.Minute)
		n, err := views(before, jar)
		require.NoError(t, err)
		require.Zero(t, n, "it is a cookie like any older one")
		ask(before, jar, count) // and may be renewed
		response := ask(before, jar, fill)
		require.Equal(t, 500, response.StatusCode)
		require.ErrorContains(t, shop.told(sealjar.EventUnwritten)[0].Err, "where it is newer")
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		n, err = views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 7, n, "nothing is lost")
		n, err = views(before, jar)
		require.NoError(t, err)
		require.Equal(t, 7, n, "the response has brought the reference")
		require.Equal(t, 200, ask(before, jar, count).StatusCode, "so that the next try does it")
		require.Equal(t, 1, store.Len())
	})
	t.Run("whose first request loses a race", func(t *testing.T) {
		shop, _, jar := spilled(t, true)
		v := visitor{}
		signIn(t, v, jarOf[basket](t, shop), "ada")
		other := v.copy()
		response := nested(v, jar, func(context.Context, *sealjar.Session[basket]) {}, func() { ask(other, jar, count) })
		require.Equal(t, 200, response.StatusCode, "it has changed nothing")
		n, err := views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

// Of requests at the same time the last one wins, as with cookies.
func TestSpillRequestsAtTheSameTime(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	other := v.copy()
	response := nested(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 1 }, func() {
		require.Equal(t, 200, ask(other, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 2 }).StatusCode)
		require.Equal(t, 200, ask(other, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 3 }).StatusCode)
	})
	require.Equal(t, 200, response.StatusCode)
	for _, held := range []visitor{v, other} {
		n, err := views(held, jar)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}

	const crowd = 16
	var all sync.WaitGroup
	var failed sync.Map
	for range crowd {
		copied := v.copy()
		all.Go(func() {
			for range 10 {
				if r := ask(copied, jar, count); r.StatusCode != http.StatusOK {
					failed.Store(r.StatusCode, true)
				}
			}
		})
	}
	all.Wait()
	failed.Range(func(status, _ any) bool { t.Errorf("status %v", status); return true })
	require.Empty(t, shop.told(sealjar.EventUnwritten))
	require.Equal(t, 1, store.Len())
	n, err := views(v, jar)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, 2, "the last one has counted from what it has read")
}

func TestSpillEnd(t *testing.T) {
	t.Run("makes copies worth nothing, without a list", func(t *testing.T) {
		for _, do := range []func(context.Context, *sealjar.Session[basket]) error{
			func(ctx context.Context, s *sealjar.Session[basket]) error { return s.End(ctx) },
			func(ctx context.Context, s *sealjar.Session[basket]) error { return s.Renew(ctx) },
			func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "grace") },
		} {
			shop, _, jar := spilled(t, true, noList)
			v := visitor{}
			signIn(t, v, jar, "ada")
			stolen := v.copy()
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, do(ctx, s)) })
			shop.told(sealjar.EventRefused)
			_, err := subjectOf(stolen, jar)
			require.ErrorIs(t, err, sealjar.ErrInvalid)
			require.ErrorIs(t, shop.told(sealjar.EventRefused)[0].Err, spill.ErrGone)
		}
	})
	t.Run("is not undone by a request under way", func(t *testing.T) {
		shop, store, jar := spilled(t, true, noList)
		v := visitor{}
		signIn(t, v, jar, "ada")
		slow := v.copy()
		response := nested(slow, jar, count, func() {
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		})
		require.Equal(t, 200, response.StatusCode)
		require.False(t, wrote(response))
		require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, spill.ErrGone)
		require.Zero(t, store.Len())
		_, err := subjectOf(slow, jar)
		require.Error(t, err)
	})
	t.Run("while the store does not answer", func(t *testing.T) {
		for _, list := range []bool{true, false} {
			shop, store, jar := spilled(t, true, func(o *sealjar.Options) {
				if !list {
					o.Revocation = nil
				}
			})
			v := visitor{}
			signIn(t, v, jar, "ada")
			stolen := v.copy()
			store.getErr, store.deleteErr = errAway, errAway
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				if err := s.End(ctx); list {
					require.NoError(t, err, "the list has it, so copies are worth nothing")
				} else {
					require.ErrorIs(t, err, errAway)
					require.ErrorIs(t, s.End(ctx), errAway, "trying again is not told that all is well")
				}
			})
			require.Empty(t, v)
			ended := shop.told(sealjar.EventEnded)
			require.ErrorIs(t, ended[len(ended)-1].Err, errAway)
			store.getErr, store.deleteErr = nil, nil
			_, err := subjectOf(stolen, jar)
			require.Equal(t, list, err != nil)
		}
	})
	t.Run("of a session that the store can't show, but delete", func(t *testing.T) {
		_, store, jar := spilled(t, true, noList)
		v := visitor{}
		signIn(t, v, jar, "ada")
		store.getErr = errAway
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		require.Empty(t, v)
		require.Zero(t, store.Len())
	})
}

// The keys of a row age like those of a cookie.
func TestSpillRotation(t *testing.T) {
	shop := newShop(t)
	start := shop.Now()
	first, second := keyOf(t, time.Time{}, time.Time{}), keyOf(t, start.Add(time.Hour).Truncate(time.Second), time.Time{})
	source := &swap{}
	source.Store(ringOf(t, first, second))
	store := &shelf{Memory: spill.Memory{Now: shop.Now}}
	jar := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Keys, o.Idle = source, 2*time.Hour })
	v := visitor{}
	signIn(t, v, jar, "ada")
	shop.pass(90 * time.Minute)
	store.asked()
	require.True(t, wrote(view(v, jar)))
	require.Equal(t, [3]int{1, 1, 0}, store.asked(), "row and reference are both under the newer key")
	require.False(t, wrote(view(v, jar)))

	source.Store(ringOf(t, second))
	_, err := subjectOf(v, jar)
	require.NoError(t, err, "nothing needs the older key any more")
	source.Store(ringOf(t, keyOf(t, time.Time{}, time.Time{})))
	_, err = subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
}

// A row whose key was dropped is dead, also if its reference is under another.
func TestSpillRowDiesWithItsKey(t *testing.T) {
	shop := newShop(t)
	first, second := keyOf(t, time.Time{}, time.Time{}), keyOf(t, shop.Now().Add(time.Minute).Truncate(time.Second), time.Time{})
	source := &swap{}
	source.Store(ringOf(t, first, second))
	store := &shelf{Memory: spill.Memory{Now: shop.Now}}
	jar := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Keys = source })
	v := visitor{}
	signIn(t, v, jar, "ada")
	shop.pass(10 * time.Minute)
	store.putErr = errAway // so that the row can't follow
	require.Equal(t, 200, view(v, jar).StatusCode)
	require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, errAway)
	_, err := subjectOf(v, jar)
	require.NoError(t, err, "what can't be renewed is as good as before")
	source.Store(ringOf(t, second))
	_, err = subjectOf(v, jar)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
}

func TestSpillATaintedKeyIsLeftAtOnce(t *testing.T) {
	shop := newShop(t)
	first, second := keyOf(t, time.Time{}, time.Time{}), keyOf(t, shop.Now().Add(-time.Hour).Truncate(time.Second), time.Time{})
	source := &swap{}
	source.Store(ringOf(t, first))
	store := &shelf{Memory: spill.Memory{Now: shop.Now}}
	jar := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Keys = source })
	v := visitor{}
	signIn(t, v, jar, "ada")
	tainted, err := ringOf(t, first, second).Taint(first.ID(), shop.Now())
	require.NoError(t, err)
	source.Store(tainted)
	store.asked()
	v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { jar.Peek(r.Context()) })
	require.Equal(t, [3]int{1, 1, 0}, store.asked(), "also by a passive request")
	source.Store(ringOf(t, second))
	_, err = subjectOf(v, jar)
	require.NoError(t, err)
}

// A longer lifetime reaches sessions that live, so their rows must live longer too.
func TestSpillRowOutlivesItsReferences(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	longer := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Absolute, o.Idle = 48*time.Hour, 24*time.Hour })
	shop.pass(20 * time.Minute)
	store.asked()
	view(v, longer)
	require.Equal(t, [3]int{1, 1, 0}, store.asked())
	shop.pass(23 * time.Hour)
	_, err := subjectOf(v, longer)
	require.NoError(t, err)
	require.Equal(t, 200, ask(v, longer, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Remember(true)) }).StatusCode)
	for range 4 {
		shop.pass(6 * 24 * time.Hour)
		view(v, jar)
	}
	_, err = subjectOf(v, jar)
	require.NoError(t, err)
}

func TestSpillTooLarge(t *testing.T) {
	shop, store, jar := spilled(t, false, func(o *sealjar.Options) { o.Spill.MaxBytes = 10_000 })
	v := visitor{}
	ask(v, jar, fill)
	held := v.copy()
	store.asked()
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		s.Data.Items = []string{strings.Repeat("x", 10_000)}
	})
	require.Equal(t, 500, response.StatusCode)
	require.False(t, wrote(response))
	require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrTooLarge)
	require.Equal(t, [3]int{1, 0, 0}, store.asked())
	require.Equal(t, held, v)
	_, err := subjectOf(v, jar)
	require.NoError(t, err)
}

// A jar whose cookies hold more needs the store later, and one that had no store before keeps them all.
func TestSpillAfterChunks(t *testing.T) {
	_, store, jar := spilled(t, false, func(o *sealjar.Options) { o.Cookie.MaxChunks = 3 })
	v := visitor{}
	ask(v, jar, fill)
	require.Len(t, v, 3)
	require.Equal(t, [3]int{}, store.asked())
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.Err())
		s.Data.Items = []string{strings.Repeat("x", 10_000)}
	})
	require.Len(t, v, 1, "the pieces are gone")
	require.Equal(t, [3]int{0, 1, 0}, store.asked())
	s, err := jar.Load(v.request())
	require.NoError(t, err)
	require.Len(t, s.Data.Items[0], 10_000)
}

// A program that only reads, and one that has no store.
func TestSpillOfOthers(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	store.asked()
	reader := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.ReadOnly = true })
	require.False(t, wrote(ask(v, reader, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, "ada", s.Subject())
		s.Data.Views++
	})))
	require.Equal(t, [3]int{1, 0, 0}, store.asked())
	_, err := subjectOf(v, jarOf[basket](t, shop))
	require.ErrorIs(t, err, sealjar.ErrInvalid, "and not an empty session of ada's")
	require.ErrorContains(t, err, "Options.Spill is not set")
}

func TestSpillKeepsWhatThisVersionDoesNotKnow(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		s.Data.Views = 3
		require.NoError(t, s.SignIn(ctx, "ada", "pwd"))
		require.NoError(t, s.AddFlash("info", "hello"))
		require.NoError(t, slotVisits.Set(s, 5))
	})
	newer := jarOf[map[string]any](t, shop, func(o *sealjar.Options) {
		o.Version = 1
		o.Migrate = func(_ int, data []byte) ([]byte, error) { return []byte(`{"new":` + string(data) + `}`), nil }
		o.Spill = spill.Options{Store: store, Always: true}
	})
	ask(v, newer, func(_ context.Context, s *sealjar.Session[map[string]any]) {
		require.EqualValues(t, 3, s.Data["new"].(map[string]any)["views"])
		require.Equal(t, []string{"pwd"}, s.Methods())
		require.Len(t, s.Flashes(), 1)
	})
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, 3, s.Data.Views, "what has not changed keeps its version")
		require.Empty(t, s.Flashes())
		n, _ := slotVisits.Get(s)
		require.Equal(t, 5, n)
	})
}

// Tokens of Jar.Seal refer to the same row.
func TestSpillInAHeader(t *testing.T) {
	shop, store, jar := spilled(t, true, func(o *sealjar.Options) { o.Header, o.RenewedHeader = "Authorization", "Session" }, noList)
	v := visitor{}
	var token string
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "ada"))
		var err error
		token, err = jar.Seal(s)
		require.NoError(t, err)
	})
	require.Empty(t, v, "it is the client's from then on")
	require.Equal(t, [3]int{0, 1, 0}, store.asked())
	bearer := func(do func(*sealjar.Session[basket])) *http.Response {
		r := visitor{}.request()
		r.Header.Set("Authorization", "Bearer "+token)
		s, err := jar.Load(r)
		require.NoError(t, err)
		do(s)
		w := newWebRecorder()
		require.NoError(t, jar.Save(w, s))
		if next := w.Header().Get("Session"); next != "" {
			token = next
		}
		return w.Result()
	}
	older := token
	bearer(func(s *sealjar.Session[basket]) { s.Data.Views = 7 })
	token = older
	bearer(func(s *sealjar.Session[basket]) { require.Equal(t, 7, s.Data.Views) })

	t.Run("and the cookie", func(t *testing.T) {
		signIn(t, v, jar, "grace")
		store.asked()
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			s.Data.Views = 1
			var err error
			token, err = jar.Seal(s)
			require.NoError(t, err)
		})
		require.Equal(t, [3]int{1, 1, 0}, store.asked(), "one row for both")
		bearer(func(s *sealjar.Session[basket]) { s.Data.Views++ })
		n, err := views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		bearer(func(s *sealjar.Session[basket]) { require.NoError(t, s.Renew(t.Context())) })
		_, err = views(v, jar)
		require.ErrorIs(t, err, sealjar.ErrInvalid)
		left := token
		bearer(func(s *sealjar.Session[basket]) {
			require.NoError(t, s.Renew(t.Context()))
			_, err := jar.Seal(s)
			require.NoError(t, err)
		})
		require.Equal(t, left, token, "the one from Seal is all that the client needs")
		require.Equal(t, 2, store.Len(), "ada's and grace's, and none that was left")
	})
	t.Run("too large for a header alone", func(t *testing.T) {
		_, store, jar := spilled(t, false, func(o *sealjar.Options) { o.Header, o.Cookie.MaxChunks = "Authorization", 4 })
		v := visitor{}
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			s.Data.Items = []string{strings.Repeat("x", 6000)}
		})
		require.Len(t, v, 3)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			_, err := jar.Seal(s)
			require.NoError(t, err)
		})
		require.Equal(t, [3]int{0, 1, 0}, store.asked())
		require.Len(t, v, 1, "the cookie refers to the row too, else they would part")
	})
	_ = shop
}

// A request that has changed nothing may write the row again, under a new key. It takes back nothing of what another has changed
// meanwhile, and nobody is told that it was too late with a change.
func TestSpillReaderThatIsSlowUndoesNothing(t *testing.T) {
	type handler func(jar *sealjar.Jar[basket], w http.ResponseWriter, r *http.Request)
	for name, slow := range map[string]handler{
		"reads":            func(*sealjar.Jar[basket], http.ResponseWriter, *http.Request) {},
		"answers early":    func(_ *sealjar.Jar[basket], w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"hands out tokens": func(jar *sealjar.Jar[basket], _ http.ResponseWriter, r *http.Request) { handOutTwice(t, jar, r) },
	} {
		for _, step := range []time.Duration{0, time.Microsecond, time.Second} {
			t.Run(name+" "+step.String(), func(t *testing.T) {
				shop := newShop(t)
				next := keyOf(t, shop.Now().Add(time.Minute).Truncate(time.Second), time.Time{})
				shop.ring = ringOf(t, keyOf(t, time.Time{}, time.Time{}), next)
				store := &spill.Memory{Now: shop.Now}
				jar := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Header = "Authorization" })
				v := visitor{}
				signIn(t, v, jar, "ada")
				ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
					require.NoError(t, s.SetGroups("admin"))
					require.NoError(t, s.AddFlash("info", "once"))
				})
				shop.pass(2 * time.Minute)
				other := v.copy()
				v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
					s := jar.From(r.Context())
					require.Len(t, s.Groups(), 1)
					ask(other, jar, func(_ context.Context, s *sealjar.Session[basket]) {
						s.Data.Views = 50
						require.NoError(t, s.SetGroups())
						require.Len(t, s.Flashes(), 1)
					})
					shop.pass(step)
					slow(jar, w, r)
				})
				require.Empty(t, shop.told(sealjar.EventUnwritten))
				for _, held := range []visitor{v, other} {
					ask(held, jar, func(_ context.Context, s *sealjar.Session[basket]) {
						require.Equal(t, 50, s.Data.Views)
						require.Empty(t, s.Groups())
						require.Empty(t, s.Flashes())
					})
				}
				require.Equal(t, 1, store.Len())
			})
		}
	}
	t.Run("but what it changes after that counts", func(t *testing.T) {
		shop, _, jar := spilled(t, true, func(o *sealjar.Options) { o.Header = "Authorization" })
		v := visitor{}
		signIn(t, v, jar, "ada")
		shop.pass(15 * time.Minute)
		other := v.copy()
		v.serve(jar, func(_ http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			require.Zero(t, s.Data.Views)
			ask(other, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 50 })
			handOutTwice(t, jar, r)
			s.Data.Views = 1
		})
		n, err := views(other, jar)
		require.NoError(t, err)
		require.Equal(t, 1, n, "the last one wins")
	})
}

func handOutTwice(t *testing.T, jar *sealjar.Jar[basket], r *http.Request) {
	t.Helper()
	for range 2 {
		_, err := jar.Seal(jar.From(r.Context()))
		require.NoError(t, err)
	}
}
