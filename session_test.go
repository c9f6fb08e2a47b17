package sealjar_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestSessionIDIsStable(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	var id string
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		id = s.ID()
		require.Len(t, id, 22, "128 bits")
		require.Equal(t, id, s.ID())
		s.Data.Views++
	})
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, id, s.ID())
		s.Data.Views++
	})
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, id, s.ID()) })))

	t.Run("differs from every other", func(t *testing.T) {
		ask(visitor{}, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NotEqual(t, id, s.ID()) })
	})
	t.Run("asking for it starts no session", func(t *testing.T) {
		require.False(t, wrote(ask(visitor{}, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.ID() })))
	})
}

// An ID has 16 bytes, all of them from crypto/rand.
func TestSessionIDIsRandom(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	newID := func(t *testing.T) (id string) {
		ask(visitor{}, jar, func(_ context.Context, s *sealjar.Session[basket]) { id = s.ID() })
		return id
	}
	t.Run("each of 128 bits", func(t *testing.T) {
		const n = 1000
		seen := map[string]bool{}
		var ones [128]int
		for range n {
			id := newID(t)
			require.Len(t, id, 22)
			b, err := base64.RawURLEncoding.Strict().DecodeString(id)
			require.NoError(t, err)
			for i := range ones {
				ones[i] += int(b[i/8] >> (i % 8) & 1)
			}
			seen[id] = true
		}
		require.Len(t, seen, n, "unique")
		for i, k := range ones {
			require.InDelta(t, n/2, k, 150, "bit %d", i) // 9 standard deviations
		}
	})
	t.Run("from crypto/rand alone", func(t *testing.T) {
		seeded := func(seed uint64) (id string) {
			t.Run("", func(t *testing.T) {
				cryptotest.SetGlobalRandom(t, seed)
				id = newID(t)
			})
			return id
		}
		require.Equal(t, seeded(1), seeded(1))
		require.NotEqual(t, seeded(1), seeded(2))
	})
}

func TestIsNewDuringTheFirstRequestAndNotLater(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		require.True(t, s.IsNew())
		s.Data.Views = 1
		w.WriteHeader(http.StatusOK)
		require.True(t, s.IsNew(), "also after the header has left")
		require.ErrorIs(t, s.Err(), sealjar.ErrNone)
	})
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.False(t, s.IsNew())
		require.NoError(t, s.SignIn(ctx, "ada"))
		require.False(t, s.IsNew(), "signing in goes on with it")
		require.NoError(t, s.End(ctx))
		require.True(t, s.IsNew(), "what follows the end is another one")
		require.NoError(t, s.Err())
	})
}

func TestTimesOfASession(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	began := shop.Now().Truncate(time.Millisecond)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, began, s.AuthTime().UTC(), "when it began")
		require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry())
		require.Equal(t, began.Add(12*time.Hour), s.AbsoluteExpiry().UTC())
		s.Data.Views++
	})
	shop.pass(5 * time.Minute)
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, began, s.AuthTime().UTC())
		require.Equal(t, began.Add(30*time.Minute), s.IdleExpiry().UTC())
		require.NoError(t, s.SignIn(ctx, "ada"))
		require.Equal(t, began.Add(5*time.Minute), s.AuthTime().UTC(), "when it was signed in")
		require.Equal(t, shop.Now().Add(30*time.Minute), s.IdleExpiry().UTC())
		require.Equal(t, s.AuthTime().Add(12*time.Hour), s.AbsoluteExpiry())
	})
	shop.pass(20 * time.Minute)
	ask(v, jar, func(context.Context, *sealjar.Session[basket]) {}) // renewed
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, began.Add(5*time.Minute), s.AuthTime().UTC(), "a renewal does not move it")
		require.Equal(t, shop.Now().Truncate(time.Millisecond).Add(30*time.Minute), s.IdleExpiry().UTC())
	})
}

func TestRenew(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "ada"))
		require.NoError(t, s.AddFlash("info", "hello"))
		require.NoError(t, s.SetGroups("staff"))
		s.Data.Views = 7
	})
	old := v.copy()
	shop.pass(time.Minute)
	var before, after string
	var signedIn time.Time
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		before, signedIn = s.ID(), s.AuthTime()
		require.NoError(t, s.Renew(ctx))
		after = s.ID()
		s.Data.Items = []string{"second factor"}
	})
	require.NotEqual(t, before, after)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, after, s.ID())
		require.Equal(t, "ada", s.Subject())
		require.Equal(t, basket{Views: 7, Items: []string{"second factor"}}, s.Data)
		require.Equal(t, []string{"staff"}, s.Groups())
		require.Equal(t, signedIn, s.AuthTime(), "the absolute lifetime goes on")
		require.Len(t, s.Flashes(), 1)
	})
	_, err := subjectOf(old, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked, "the old cookie can't bring the old state back")

	t.Run("twice revokes once", func(t *testing.T) {
		have := shop.list.Len()
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.Renew(ctx))
			first := s.ID()
			require.NoError(t, s.Renew(ctx))
			require.NotEqual(t, first, s.ID())
		})
		require.Equal(t, have+1, shop.list.Len())
	})
	t.Run("of nothing writes nothing", func(t *testing.T) {
		require.False(t, wrote(ask(visitor{}, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.Renew(ctx))
		})))
	})
	t.Run("after the header refused", func(t *testing.T) {
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			id := s.ID()
			w.WriteHeader(http.StatusOK)
			require.ErrorIs(t, s.Renew(r.Context()), sealjar.ErrHeadersSent)
			require.Equal(t, id, s.ID())
		})
		_, err := subjectOf(v, jar)
		require.NoError(t, err, "the cookie that stays is still good")
	})
	t.Run("of a session that was ended meanwhile refused", func(t *testing.T) {
		tab := v.copy()
		ask(v, jar, func(ctx context.Context, slow *sealjar.Session[basket]) {
			ask(tab, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
			id := slow.ID()
			require.ErrorIs(t, slow.Renew(ctx), sealjar.ErrRevoked)
			require.Equal(t, id, slow.ID())
		})
	})
}

func TestRenewWithAListThatFailsChangesNothing(t *testing.T) {
	shop, _, v := start(t)
	failing := errors.New("the list is away")
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{revoke: failing} })
	require.False(t, wrote(ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		id := s.ID()
		require.ErrorIs(t, s.Renew(ctx), failing)
		require.Equal(t, id, s.ID())
	})))
}

// A change that can't be written makes the whole response fail, is told once, and leaves the client what it had.
func TestChangeThatCannotBeWritten(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  error
	}{
		{"too large", strings.Repeat("large", 2000), sealjar.ErrTooLarge},
		{"no JSON", make(chan int), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t)
			jar, v := jarOf[any](t, shop), visitor{}
			signIn(t, v, jar, "ada")
			held := v.copy()
			shop.told("")
			response := ask(v, jar, func(_ context.Context, s *sealjar.Session[any]) { s.Data = c.value })
			require.Equal(t, http.StatusInternalServerError, response.StatusCode)
			require.Equal(t, held, v)
			lost := shop.told(sealjar.EventUnwritten)
			require.Len(t, lost, 1)
			if c.want != nil {
				require.ErrorIs(t, lost[0].Err, c.want)
			}
			known, err := subjectOf(v, jar)
			require.NoError(t, err)
			require.Equal(t, "ada", known)
		})
	}
}

func TestChangesAfterTheHeaderAreRefusedOrTold(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		w.WriteHeader(http.StatusOK)
		require.ErrorIs(t, s.SignIn(r.Context(), "ada"), sealjar.ErrHeadersSent)
		require.ErrorIs(t, s.Remember(true), sealjar.ErrHeadersSent)
		require.ErrorIs(t, s.SetLifetime(time.Hour), sealjar.ErrHeadersSent)
		require.ErrorIs(t, s.SetGroups("staff"), sealjar.ErrHeadersSent)
		require.ErrorIs(t, s.AddFlash("info", "hello"), sealjar.ErrHeadersSent)
		require.Empty(t, s.Subject())
	})
	require.Empty(t, shop.told(sealjar.EventUnwritten), "what was refused is not lost")

	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		w.WriteHeader(http.StatusOK)
		s.Data.Views++
	})
	lost := shop.told(sealjar.EventUnwritten)
	require.Len(t, lost, 1)
	require.ErrorIs(t, lost[0].Err, sealjar.ErrHeadersSent)
	require.Empty(t, v)

	t.Run("first asked for after the header", func(t *testing.T) {
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			s := jar.From(r.Context())
			require.ErrorIs(t, s.SignIn(r.Context(), "ada"), sealjar.ErrHeadersSent)
			s.Data.Views++
		})
		require.Len(t, shop.told(sealjar.EventUnwritten), 1)
	})
	t.Run("changed before and not after is no loss", func(t *testing.T) {
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			jar.From(r.Context()).Data.Views++
			w.WriteHeader(http.StatusOK)
		})
		require.Empty(t, shop.told(sealjar.EventUnwritten))
	})
}
