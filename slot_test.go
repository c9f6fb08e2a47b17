package sealjar_test

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

const (
	slotVisits = sealjar.Slot[int]("example.com/visits")
	slotTags   = sealjar.Slot[[]string]("example.com/tags")
)

func TestSlotsOfUnrelatedPackages(t *testing.T) {
	shop, jar, v := start(t)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		_, ok := slotVisits.Get(s)
		require.False(t, ok)
		require.NoError(t, slotVisits.Set(s, 7))
		require.NoError(t, slotTags.Set(s, []string{"a"}))
		n, ok := slotVisits.Get(s)
		require.True(t, ok)
		require.Equal(t, 7, n)
	})
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, s *sealjar.Session[basket]) error
		want bool
	}{
		{"reading", func(_ context.Context, s *sealjar.Session[basket]) error { _, _ = slotVisits.Get(s); return nil }, false},
		{"changing what was got", func(_ context.Context, s *sealjar.Session[basket]) error {
			tags, _ := slotTags.Get(s)
			tags[0] = "changed"
			return nil
		}, false},
		{"the same again", func(_ context.Context, s *sealjar.Session[basket]) error { return slotVisits.Set(s, 7) }, false},
		{"another, and back", func(_ context.Context, s *sealjar.Session[basket]) error {
			_ = slotVisits.Set(s, 8)
			return slotVisits.Set(s, 7)
		}, false},
		{"delete what is not there", func(_ context.Context, s *sealjar.Session[basket]) error {
			return sealjar.Slot[int]("none").Delete(s)
		}, false},
		{"data alone", func(_ context.Context, s *sealjar.Session[basket]) error { s.Data.Views++; return nil }, true},
		{"a new id", func(ctx context.Context, s *sealjar.Session[basket]) error { return s.Renew(ctx) }, true},
		{"signed in again", func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }, true},
	} {
		require.Equal(t, c.want, wrote(ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, c.do(ctx, s)) })), c.name)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			n, ok := slotVisits.Get(s)
			require.True(t, ok, c.name)
			require.Equal(t, 7, n)
			tags, _ := slotTags.Get(s)
			require.Equal(t, []string{"a"}, tags)
		})
	}
	require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, slotVisits.Set(s, 8)) })))
	require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, slotTags.Delete(s)) })))
	shop.pass(10 * time.Minute)
	require.True(t, wrote(view(v, jar)), "a renewal, which reads no slot")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		n, _ := slotVisits.Get(s)
		require.Equal(t, 8, n)
		_, ok := slotTags.Get(s)
		require.False(t, ok)
	})
}

// A slot alone is a session, and what another program has put into the others stays.
func TestSlotsOfOthersAreKept(t *testing.T) {
	shop := newShop(t)
	jar := jarOf[basket](t, shop)
	v := visitor{}
	require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, slotVisits.Set(s, 1)) })))

	v, err := sealed(t, shop, "ada", `{"d":{},"s":{ "z":{"deep":[1, 2]}, "example.com/visits":1,"a":null}}`)
	require.NoError(t, err)
	require.False(t, wrote(view(v, jar)))
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		s.Data.Views++
		require.NoError(t, slotVisits.Set(s, 2))
	})
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		z, ok := sealjar.Slot[json.RawMessage]("z").Get(s)
		require.True(t, ok)
		require.JSONEq(t, `{"deep":[1,2]}`, string(z))
		_, ok = sealjar.Slot[*int]("a").Get(s)
		require.True(t, ok, "null is a value")
		n, _ := slotVisits.Get(s)
		require.Equal(t, 2, n)
	})
}

func TestSlotOfAnotherTypeIsNotThere(t *testing.T) {
	_, jar, v := start(t)
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, sealjar.Slot[[]any]("x").Set(s, []any{1, "a"}))
		numbers, ok := sealjar.Slot[[]int]("x").Get(s)
		require.False(t, ok)
		require.Nil(t, numbers, "nothing of it")
	})
}

func TestSlotsGoWithTheirSubject(t *testing.T) {
	for name, leave := range map[string]func(context.Context, *sealjar.Session[basket]) error{
		"another signs in": func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "grace") },
		"it ends":          func(ctx context.Context, s *sealjar.Session[basket]) error { return s.End(ctx) },
		"it ends, and the same signs in": func(ctx context.Context, s *sealjar.Session[basket]) error {
			require.NoError(t, s.End(ctx))
			return s.SignIn(ctx, "ada")
		},
	} {
		for _, read := range []bool{false, true} {
			_, jar, v := start(t)
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, slotVisits.Set(s, 7)) })
			ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
				if read {
					_, _ = slotVisits.Get(s)
				}
				require.NoError(t, leave(ctx, s))
				_, ok := slotVisits.Get(s)
				require.False(t, ok, name)
			})
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				_, ok := slotVisits.Get(s)
				require.False(t, ok, name)
			})
		}
	}
}

func TestSlotsRefused(t *testing.T) {
	_, jar, v := start(t)
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Error(t, sealjar.Slot[int]("").Set(s, 1))
		require.Error(t, sealjar.Slot[int](strings.Repeat("a", 65)).Set(s, 1))
		require.Error(t, sealjar.Slot[int]("\xff").Set(s, 1))
		require.Error(t, sealjar.Slot[float64]("x").Set(s, math.NaN()))
		require.Error(t, sealjar.Slot[json.RawMessage]("x").Set(s, json.RawMessage(`{"a":1,"a":2}`)), "a name twice")
	})))
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, sealjar.Slot[string]("x").Set(s, strings.Repeat("large", 1000)))
	})
	require.Equal(t, http.StatusInternalServerError, response.StatusCode, "they count for the size")
	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		w.WriteHeader(http.StatusOK)
		require.ErrorIs(t, slotVisits.Set(s, 1), sealjar.ErrHeadersSent)
		require.ErrorIs(t, slotVisits.Delete(s), sealjar.ErrHeadersSent)
	})
}

func TestSlotTooDeepRefused(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	slot := sealjar.Slot[json.RawMessage]("example.com/deep")
	for depth, good := range map[int]bool{28: true, 29: true, 30: false, 31: false, 32: false} {
		response := ask(visitor{}, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			err := slot.Set(s, json.RawMessage(strings.Repeat("[", depth)+strings.Repeat("]", depth)))
			require.Equal(t, good, err == nil, "%d: %v", depth, err)
		})
		require.Equal(t, 200, response.StatusCode)
	}
}
