package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/spill"
)

var errAway = errors.New("the store is away")

func revokeGroup(t *testing.T, shop *shop, group string) {
	t.Helper()
	require.NoError(t, shop.list.Revoke(t.Context(), revocation.Entry{
		Kind: revocation.Group, Name: group, Cutoff: shop.Now(), Until: shop.Now().Add(time.Hour),
	}))
}

// An outage of the store signs nobody in and nobody out, and loses nothing.
func TestSpillStoreThatCannotTell(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	held := v.copy()
	shop.told("")
	store.getErr = errAway
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		require.ErrorIs(t, s.Err(), errAway)
		require.ErrorIs(t, jar.Check(ctx), sealjar.ErrUnavailable, "for which a gate answers 503")
		require.Empty(t, s.Subject())
		require.ErrorIs(t, s.SignIn(ctx, "grace"), sealjar.ErrUnavailable)
		s.Data.Views = 99
	})
	require.Equal(t, 200, response.StatusCode)
	require.False(t, wrote(response), "the cookie is left alone")
	refused := shop.told(sealjar.EventRefused)
	require.Len(t, refused, 1)
	require.ErrorIs(t, refused[0].Err, sealjar.ErrUnavailable)
	require.Equal(t, "ada", refused[0].Subject)
	require.Equal(t, held, v)
	require.True(t, wrote(ask(visitor{}, spillJar(t, shop, store, false), count)), "a small session of another jar does not notice")

	store.getErr = nil
	known, err := subjectOf(v, jar)
	require.NoError(t, err)
	require.Equal(t, "ada", known, "as if nothing had been")
}

func TestSpillStoreThatDoesNotWrite(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	held := v.copy()
	store.putErr = errAway
	for name, do := range map[string]func(context.Context, *sealjar.Session[basket]){
		"a change": count,
		"a sign-in": func(ctx context.Context, s *sealjar.Session[basket]) {
			s.Data.Views = 9
			_ = s.Remember(true)
		},
	} {
		response := ask(v, jar, do)
		require.Equal(t, 500, response.StatusCode, name)
		require.NotContains(t, webBody(t, response), "done")
		require.False(t, wrote(response), name)
		told := shop.told(sealjar.EventUnwritten)
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0].Err, sealjar.ErrUnavailable)
		require.ErrorIs(t, told[0].Err, errAway)
		require.Equal(t, held, v, "cookie and row are as they were")
		n, err := views(v, jar)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	shop.pass(10 * time.Minute)
	require.True(t, wrote(view(v, jar)), "to renew it no row is written")
	require.Equal(t, 500, ask(visitor{}, jar, count).StatusCode, "a new one needs the store")
	store.putErr = nil
	require.Equal(t, 200, ask(v, jar, count).StatusCode)
}

// A session that moves to another id is under one of them at any time.
func TestSpillStoreThatFailsDuringASignIn(t *testing.T) {
	shop, store, jar := spilled(t, true, noList)
	v := visitor{}
	signIn(t, v, jar, "ada")
	renew := func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Renew(ctx)) }
	store.putErr = errAway
	require.Equal(t, 500, ask(v, jar, renew).StatusCode)
	_, err := subjectOf(v, jar)
	require.NoError(t, err, "the old one, since there is no new one")
	store.putErr, store.deleteErr = nil, errAway
	require.Equal(t, 200, ask(v, jar, renew).StatusCode)
	ended := shop.told(sealjar.EventEnded)
	require.ErrorIs(t, ended[len(ended)-1].Err, errAway, "the old one is still there, and that is told")
	_, err = subjectOf(v, jar)
	require.NoError(t, err)
}

func TestSpillRowThatIsGone(t *testing.T) {
	shop, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	require.NoError(t, store.Memory.Delete(t.Context(), store.ids[0]))
	shop.told("")
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
		require.Empty(t, s.Subject())
		s.Data.Views = 1
	})
	require.Equal(t, 200, response.StatusCode)
	require.ErrorIs(t, shop.told(sealjar.EventRefused)[0].Err, spill.ErrGone)
	n, err := views(v, jar)
	require.NoError(t, err, "a new session")
	require.Equal(t, 1, n)
	require.Len(t, store.ids, 2)
	require.NotEqual(t, store.ids[0], store.ids[1])
}

// hanging is a store that answers nobody before the context ends.
type hanging struct{ *shelf }

func (hanging) Get(ctx context.Context, _ string) (spill.Row, error) {
	<-ctx.Done()
	return spill.Row{}, ctx.Err()
}

func TestSpillStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop, store, jar := spilled(t, true)
		v := visitor{}
		signIn(t, v, jar, "ada")
		began := time.Now()
		stuck := spillJar(t, shop, hanging{store}, true, func(o *sealjar.Options) { o.Spill.Timeout = 300 * time.Millisecond })
		ask(v, stuck, func(_ context.Context, s *sealjar.Session[basket]) {
			require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		})
		require.Equal(t, 300*time.Millisecond, time.Since(began))
		byDefault, err := sealjar.New[basket](shop.options(func(o *sealjar.Options) { o.Spill = spill.Options{Store: hanging{store}} }))
		require.NoError(t, err)
		ask(v, byDefault, func(context.Context, *sealjar.Session[basket]) {})
		require.Equal(t, 2300*time.Millisecond, time.Since(began))
	})
}

func TestSpillClientThatHangsUpCutsNothing(t *testing.T) {
	_, store, jar := spilled(t, true)
	v := visitor{}
	signIn(t, v, jar, "ada")
	ctx, cancel := context.WithCancel(t.Context())
	s, err := jar.Load(v.request().WithContext(ctx))
	require.NoError(t, err)
	s.Data.Views = 7
	store.onPut = cancel
	require.NoError(t, jar.Save(newWebRecorder(), s))
	require.Error(t, ctx.Err())
	n, err := views(v, jar)
	require.NoError(t, err)
	require.Equal(t, 7, n)
	s, err = jar.Load(v.request().WithContext(ctx))
	require.NoError(t, err)
	require.NoError(t, s.End(ctx))
	require.Zero(t, store.Len())
}

// Writes that fail after the row was written leave a row that is newer than what the client knows.
func TestSpillAnswerThatIsLost(t *testing.T) {
	_, store, jar := spilled(t, false)
	v := visitor{}
	signIn(t, v, jar, "ada")
	lost := v.copy()
	ask(lost, jar, fill) // the response never comes
	require.Equal(t, 500, ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		fill(ctx, s)
		s.Data.Views = 5
	}).StatusCode)
	s, err := jar.Load(v.request())
	require.NoError(t, err)
	require.Len(t, s.Data.Items, 1)
	again := v.copy()
	ask(again, jar, count) // nor does this one
	n, err := views(v, jar)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, 1, store.Len())
	require.Equal(t, http.StatusOK, ask(v, jar, count).StatusCode)
}

// repeating is a client of a store that sends a write again when it has lost the answer.
type repeating struct{ *shelf }

func (s repeating) Create(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	_ = s.shelf.Create(ctx, id, row, expiry)
	return s.shelf.Create(ctx, id, row, expiry)
}

func (s repeating) Replace(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	_ = s.shelf.Replace(ctx, id, row, expiry)
	return s.shelf.Replace(ctx, id, row, expiry)
}

func TestSpillWriteThatIsRepeated(t *testing.T) {
	shop, store, _ := spilled(t, false)
	jar := spillJar(t, shop, repeating{store}, false)
	v := visitor{}
	signIn(t, v, jar, "ada")
	require.Equal(t, 200, ask(v, jar, fill).StatusCode, "the row that is there is its own")
	require.Equal(t, 200, ask(v, jar, count).StatusCode)
	require.Equal(t, [3]int{3, 4, 0}, store.asked())
	n, err := views(v, jar)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
