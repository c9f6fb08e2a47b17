package sealjar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

func endOthers(v visitor, jar *sealjar.Jar[basket]) (err error) {
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { err = jar.EndOthers(ctx, s) })
	return err
}

func TestEndOthers(t *testing.T) {
	shop, jar, laptop := start(t)
	phone, grace := visitor{}, visitor{}
	signIn(t, grace, jar, "grace")
	shop.pass(time.Minute)
	signIn(t, phone, jar, "ada") // later than the laptop
	shop.pass(time.Minute)
	stolen := laptop.copy()
	before, err := jar.Load(laptop.request())
	require.NoError(t, err)
	shop.told("")

	require.NoError(t, endOthers(laptop, jar))
	require.Len(t, shop.told(sealjar.EventEnded), 2, "the id that was left, and the subject's sessions")
	after, err := jar.Load(laptop.request())
	require.NoError(t, err)
	require.Equal(t, "ada", after.Subject())
	require.NotEqual(t, before.ID(), after.ID())
	require.Equal(t, before.AuthTime(), after.AuthTime(), "nobody has signed in")
	require.Equal(t, before.AbsoluteExpiry(), after.AbsoluteExpiry())
	_, err = subjectOf(phone, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
	_, err = subjectOf(stolen, jar)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
	_, err = subjectOf(grace, jar)
	require.NoError(t, err)

	t.Run("survives renewals", func(t *testing.T) {
		for range 5 {
			shop.pass(10 * time.Minute)
			require.True(t, wrote(view(laptop, jar)))
		}
		_, err := subjectOf(laptop, jar)
		require.NoError(t, err)
	})
	t.Run("again, and within a millisecond", func(t *testing.T) {
		for range 30 {
			require.NoError(t, endOthers(laptop, jar))
			_, err := subjectOf(laptop, jar)
			require.NoError(t, err)
		}
	})
	t.Run("who signs in within the same millisecond lives", func(t *testing.T) {
		signIn(t, phone, jar, "ada")
		_, err := subjectOf(phone, jar)
		require.NoError(t, err)
		_, err = subjectOf(laptop, jar)
		require.NoError(t, err)
	})
	t.Run("the other, after it", func(t *testing.T) {
		shop.pass(time.Millisecond)
		require.NoError(t, endOthers(phone, jar))
		_, err = subjectOf(laptop, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
		_, err = subjectOf(phone, jar)
		require.NoError(t, err)
	})
	t.Run("not spared by the end of all", func(t *testing.T) {
		shop.pass(time.Second)
		require.NoError(t, jar.EndAll(t.Context(), "ada"))
		_, err := subjectOf(phone, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}

// What was revoked before and is heard of late, other than of the subject, is not outlived by it.
func TestEndOthersSparesOnlyOfTheSubject(t *testing.T) {
	for kind, name := range map[revocation.Kind]string{revocation.Group: "staff", revocation.All: "", revocation.Key: "the key's id"} {
		t.Run(string(kind), func(t *testing.T) {
			shop, jar, v := start(t)
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.SetGroups("staff")) })
			shop.pass(time.Second)
			cutoff := shop.Now()
			shop.pass(time.Second)
			require.NoError(t, endOthers(v, jar))
			if kind == revocation.Key {
				name = shop.ring.Keys()[0].ID()
			}
			require.NoError(t, shop.list.Revoke(t.Context(), revocation.Entry{Kind: kind, Name: name, Cutoff: cutoff, Until: cutoff.Add(day)}))
			_, err := subjectOf(v, jar)
			require.ErrorIs(t, err, sealjar.ErrRevoked)
		})
	}
}

func TestEndOthersRefused(t *testing.T) {
	away := errors.New("away")
	for _, c := range []struct {
		name   string
		signed bool
		list   sealjar.Revocation
		want   error
		spared bool
	}{
		{name: "nobody", list: list{}, want: sealjar.ErrAnonymous},
		{name: "no list", signed: true, want: sealjar.ErrNoRevocation, spared: true},
		{name: "the list is away", signed: true, list: list{check: away}, want: sealjar.ErrUnavailable, spared: true},
		{name: "nothing is recorded", signed: true, list: list{revoke: away}, want: away, spared: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar, v := start(t)
			if !c.signed {
				v = visitor{}
			}
			other := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = c.list })
			require.ErrorIs(t, endOthers(v, other), c.want)
			if c.spared {
				_, err := subjectOf(v, jar)
				require.NoError(t, err)
			}
		})
	}
	t.Run("too late", func(t *testing.T) {
		shop, jar, v := start(t)
		v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			w.WriteHeader(http.StatusOK)
			require.ErrorIs(t, jar.EndOthers(r.Context(), s), sealjar.ErrHeadersSent)
		})
		require.Zero(t, shop.list.Len())
	})
}

// Where only the last step fails, nobody knows whether the subject's sessions were revoked, and this one lives in both cases.
func TestEndOthersOfWhichOnlyTheEndFails(t *testing.T) {
	shop, _, v := start(t)
	shop.pass(time.Second)
	flaky := &forgetful{Revocation: shop.list}
	jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = flaky })
	require.Error(t, endOthers(v, jar))
	_, err := subjectOf(v, jar)
	require.NoError(t, err)
}

// forgetful records the end of a subject's sessions and says that it has not.
type forgetful struct{ sealjar.Revocation }

func (f *forgetful) Revoke(ctx context.Context, e revocation.Entry) error {
	if err := f.Revocation.Revoke(ctx, e); err != nil || e.Kind != revocation.Subject {
		return err
	}
	return errors.New("no answer")
}

// Who holds the keys may write what they want, but no session outlives what is still to come by more than clocks differ.
func TestSurvivalFromTheFutureRefused(t *testing.T) {
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	jar := jarOf[basket](t, shop)
	for after, want := range map[time.Duration]error{
		0: nil, 4 * token.Leeway: nil, 4*token.Leeway + time.Millisecond: sealjar.ErrInvalid, 24 * time.Hour: sealjar.ErrInvalid,
	} {
		v, err := sealed(t, shop, "ada", fmt.Sprintf(`{"d":{},"c":%d}`, shop.Now().Add(after).UnixMilli()))
		require.NoError(t, err)
		_, err = subjectOf(v, jar)
		require.ErrorIs(t, err, want)
	}
}

// hooked is a list whose Revoke lets something happen first.
type hooked struct {
	*revocation.Memory
	before func(revocation.Entry)
}

func (h *hooked) Revoke(ctx context.Context, e revocation.Entry) error {
	if before := h.before; before != nil {
		h.before = nil
		before(e)
	}
	return h.Memory.Revoke(ctx, e)
}

// An EndAll that comes before, meanwhile or after is not outlived by ending the others.
func TestEndOthersDoesNotOutliveEndAll(t *testing.T) {
	t.Run("meanwhile", func(t *testing.T) {
		shop, v := newShop(t), visitor{}
		list := &hooked{Memory: shop.list}
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list })
		signIn(t, v, jar, "ada")
		list.before = func(revocation.Entry) { require.NoError(t, jar.EndAll(t.Context(), "ada")) }
		require.ErrorIs(t, endOthers(v, jar), sealjar.ErrRevoked)
		_, err := subjectOf(v, jar)
		require.Error(t, err)
	})
	t.Run("on a node that tells of it later", func(t *testing.T) {
		shop, v := newShop(t), visitor{}
		var there []revocation.Entry
		elsewhere := &hooked{Memory: &revocation.Memory{Now: shop.Now}, before: func(e revocation.Entry) { there = append(there, e) }}
		other := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = elsewhere })
		jar := jarOf[basket](t, shop)
		signIn(t, v, jar, "ada")
		require.NoError(t, other.EndAll(t.Context(), "ada"))
		shop.pass(20 * time.Millisecond)
		require.NoError(t, endOthers(v, jar))
		require.Len(t, there, 1)
		require.NoError(t, shop.list.Revoke(t.Context(), there[0]))
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
	t.Run("and a cutoff of now, a moment later", func(t *testing.T) {
		shop, v := newShop(t), visitor{}
		jar := jarOf[basket](t, shop)
		signIn(t, v, jar, "ada")
		require.NoError(t, endOthers(v, jar))
		shop.pass(time.Second)
		now := shop.Now()
		require.NoError(t, shop.list.Revoke(t.Context(), revocation.Entry{
			Kind: revocation.Subject, Name: "ada", Cutoff: now, Until: now.Add(time.Hour),
		}))
		_, err := subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	})
}

// Two copies of one cookie end the others at the same time: one of them is the other.
func TestEndOthersAtOnceLeavesOne(t *testing.T) {
	shop, v := newShop(t), visitor{}
	jar := jarOf[basket](t, shop)
	signIn(t, v, jar, "ada")
	copies := [8]visitor{}
	var group sync.WaitGroup
	for i := range copies {
		copies[i] = v.copy()
		group.Go(func() { _ = endOthers(copies[i], jar) })
	}
	group.Wait()
	living := 0
	for _, c := range copies {
		if _, err := subjectOf(c, jar); err == nil {
			living++
		}
	}
	require.LessOrEqual(t, living, 1)
}
