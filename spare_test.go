package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/takeover"
)

// moves are what gives a session another id, and revokes the old one.
var moves = map[string]func(context.Context, *sealjar.Jar[basket], *sealjar.Session[basket]) error{
	"Renew": func(ctx context.Context, _ *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
		return s.Renew(ctx)
	},
	"EndOthers": func(ctx context.Context, jar *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
		return jar.EndOthers(ctx, s)
	},
	"SignIn": func(ctx context.Context, _ *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
		return s.SignIn(ctx, "ada", "pwd", "otp")
	},
	"SignIn of another": func(ctx context.Context, _ *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
		return s.SignIn(ctx, "eve")
	},
}

// moving is ada with a session in the store that has two views and, as in an application with a second factor, one method.
func moving(t *testing.T, always bool, change ...func(*sealjar.Options)) (*shop, *shelf, *sealjar.Jar[basket], visitor) {
	t.Helper()
	shop, store, jar := spilled(t, always, change...)
	v := visitor{}
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "ada", "pwd"))
		s.Data.Views = 2
		fill(ctx, s)
	})
	require.Equal(t, 1, store.Len())
	shop.pass(time.Minute)
	shop.told("")
	return shop, store, jar, v
}

// While the store is down nothing is revoked, so nobody is signed out.
func TestSpillStoreIsDownAtAMove(t *testing.T) {
	for name, move := range moves {
		for _, always := range []bool{true, false} {
			shop, store, jar, v := moving(t, always)
			held := v.copy()
			store.putErr = errAway
			response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				id := s.ID()
				err := move(ctx, jar, s)
				require.ErrorIs(t, err, sealjar.ErrUnavailable, name)
				require.ErrorIs(t, err, errAway)
				require.Equal(t, id, s.ID(), "nothing is changed")
				require.Equal(t, "ada", s.Subject())
				require.Equal(t, 2, s.Data.Views)
			})
			require.Equal(t, http.StatusOK, response.StatusCode, name)
			require.Empty(t, shop.told(sealjar.EventEnded))
			require.Equal(t, held, v)
			known, err := subjectOf(v, jar)
			require.NoError(t, err, name)
			require.Equal(t, "ada", known)
		}
	}
}

// When it fails after that, the client gets what it had under another id, and nothing of what the handler did.
func TestSpillStoreFailsAfterAMove(t *testing.T) {
	for name, move := range moves {
		for _, always := range []bool{true, false} {
			shop, store, jar, v := moving(t, always)
			held := v.copy()
			response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				s.Data.Views = 3
				require.NoError(t, move(ctx, jar, s), name)
				s.Data.Views = 4
				fill(ctx, s)
				store.putErr = errAway
			})
			require.Equal(t, http.StatusInternalServerError, response.StatusCode, name)
			require.Len(t, shop.told(sealjar.EventUnwritten), 1)
			_, err := jar.Load(held.request())
			require.ErrorIs(t, err, sealjar.ErrRevoked, name)
			s, err := jar.Load(v.request())
			if name == "SignIn of another" {
				require.ErrorIs(t, err, sealjar.ErrRevoked, "what was somebody else's goes to nobody")
				continue
			}
			require.NoError(t, err, name)
			require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
			require.Equal(t, "ada", s.Subject())
			require.Equal(t, 2, s.Data.Views)
			require.Len(t, s.Data.Items, 1)
			require.Equal(t, []string{"pwd"}, s.Methods(), "half of a sign-in is none")
			store.putErr = nil
			require.Equal(t, http.StatusOK, ask(v, jar, count).StatusCode)
			require.Equal(t, http.StatusOK, ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				require.NoError(t, move(ctx, jar, s))
			}).StatusCode)
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		}
	}
}

// A basket that was in the cookie until the request that signs in made it too large.
func TestSpillStoreFailsForWhatWasInTheCookie(t *testing.T) {
	shop, store, jar := spilled(t, false)
	v := visitor{}
	ask(v, jar, count)
	store.putErr = errAway
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "ada"))
		fill(ctx, s)
	})
	require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	s, err := jar.Load(v.request())
	require.NoError(t, err)
	require.Empty(t, s.Subject())
	require.Equal(t, 1, s.Data.Views)
	require.NotEmpty(t, shop.told(sealjar.EventUnwritten))
}

// What was written ahead does not stay.
func TestSpillSpareIsRemoved(t *testing.T) {
	type session = sealjar.Session[basket]
	for name, c := range map[string]struct {
		do   func(context.Context, *session)
		rows int
	}{
		"after a renewal":    {func(ctx context.Context, s *session) { _ = s.Renew(ctx) }, 1},
		"after two renewals": {func(ctx context.Context, s *session) { _, _ = s.Renew(ctx), s.Renew(ctx) }, 1},
		"after a renewal and a sign-in": {func(ctx context.Context, s *session) {
			_, _ = s.Renew(ctx), s.SignIn(ctx, "ada")
		}, 1},
		"after three users": {func(ctx context.Context, s *session) {
			_, _, _ = s.SignIn(ctx, "eve"), s.SignIn(ctx, "bob"), s.Renew(ctx)
		}, 1},
		"after a renewal and the end": {func(ctx context.Context, s *session) { _, _ = s.Renew(ctx), s.End(ctx) }, 0},
		"after a sign-in and the end": {func(ctx context.Context, s *session) { _, _ = s.SignIn(ctx, "ada"), s.End(ctx) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, store, jar, v := moving(t, true)
			require.Equal(t, http.StatusOK, ask(v, jar, c.do).StatusCode)
			require.Equal(t, c.rows, store.Len())
		})
	}
	t.Run("after a revocation that fails", func(t *testing.T) {
		flaky := &list{revoke: errors.New("the list is away")}
		shop, store, _, v := moving(t, true)
		flaky.honest = shop.list
		jar := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Revocation = flaky })
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.Error(t, s.Renew(ctx))
			require.Equal(t, 1, store.Len())
			require.Error(t, s.SignIn(ctx, "ada"))
		})
		require.Equal(t, 1, store.Len())
		_, err := jar.Load(v.request())
		require.NoError(t, err)
	})
	t.Run("after Jar.Seal", func(t *testing.T) {
		shop, store, jar := spilled(t, true, func(o *sealjar.Options) { o.Header, o.RenewedHeader = "Authorization", "X-Next" })
		var text string
		seal := func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
			var err error
			require.NoError(t, s.SignIn(r.Context(), "ada"))
			text, err = jar.Seal(s)
			require.NoError(t, err)
		}
		headerAsk(jar, seal)
		headerAsk(jar, seal, "Authorization", "Bearer "+text)
		require.Equal(t, 1, store.Len())
		response := headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
			require.NoError(t, s.Renew(r.Context()))
			store.putErr = errAway
			_, err := jar.Seal(s)
			require.ErrorIs(t, err, sealjar.ErrUnavailable)
		}, "Authorization", "Bearer "+text)
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
		store.putErr = nil
		headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) {
			require.Equal(t, "ada", s.Subject())
		}, "Authorization", "Bearer "+response.Header.Get("X-Next"))
		require.NotEmpty(t, shop.told(sealjar.EventUnwritten))
	})
}

// Nor does who is taken over lose the old session to a store that is down.
func TestSpillStoreIsDownAtAMoveOfWhatIsTakenOver(t *testing.T) {
	for name, move := range moves {
		shop, store, _ := spilled(t, true)
		other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(`{"views":2}`), Expiry: shop.Now().Add(time.Hour)}}
		jar := spillJar(t, shop, store, true, takes(other))
		store.putErr = errAway
		ask(visitor{}, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.ErrorIs(t, move(ctx, jar, s), sealjar.ErrUnavailable, name)
		})
		require.Empty(t, other.ended)
		store.putErr = nil
		v := visitor{}
		require.Equal(t, http.StatusInternalServerError, ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			require.Equal(t, "ada", s.Subject(), name)
			require.NoError(t, s.Renew(ctx))
			store.putErr = errAway
		}).StatusCode)
		store.putErr = nil
		other.findErr = takeover.ErrNone
		n, err := views(v, jar)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	}
}

// A store that lost its answer has the spare all the same.
func TestSpillSpareThatIsWrittenTwice(t *testing.T) {
	shop, store, _, v := moving(t, true)
	jar := spillJar(t, shop, repeating{store}, true)
	require.Equal(t, http.StatusOK, ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.Renew(ctx))
	}).StatusCode)
	require.Equal(t, 1, store.Len())
}

var _ spill.Store = repeating{}
