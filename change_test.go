package sealjar_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestWhatCountsAsAChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*basket)
		want   bool
	}{
		{"nothing", func(*basket) {}, false},
		{"write, then revert", func(d *basket) { d.Views++; d.Views-- }, false},
		{"the same again", func(d *basket) { d.Items = []string{"pear", "plum"}; d.Count = map[string]int{"plum": 2, "pear": 1} }, false},
		{"empty for nil, which JSON leaves out", func(d *basket) { d.Items = append([]string{}, d.Items...) }, false},
		{"field", func(d *basket) { d.Views++ }, true},
		{"field of a nested struct", func(d *basket) { d.Owner.Name = "grace" }, true},
		{"element of a slice, in place", func(d *basket) { d.Items[0] = "fig" }, true},
		{"order of a slice", func(d *basket) { d.Items[0], d.Items[1] = d.Items[1], d.Items[0] }, true},
		{"append", func(d *basket) { d.Items = append(d.Items, "fig") }, true},
		{"value in a map, in place", func(d *basket) { d.Count["pear"]++ }, true},
		{"delete from a map, in place", func(d *basket) { delete(d.Count, "pear") }, true},
		{"all to zero", func(d *basket) { *d = basket{} }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			jar, v := jarOf[basket](t, newShop(t)), visitor{}
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				s.Data = basket{Views: 1, Items: []string{"pear", "plum"}, Count: map[string]int{"pear": 1, "plum": 2}}
			})
			var want basket
			response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				c.change(&s.Data)
				want = s.Data
			})
			require.Equal(t, c.want, wrote(response))
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				require.Equal(t, want.Views, s.Data.Views)
				require.Equal(t, want.Items, s.Data.Items)
				require.Equal(t, want.Owner, s.Data.Owner)
				require.Equal(t, len(want.Count), len(s.Data.Count))
			})
		})
	}
}

func TestWhatStartsASession(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(context.Context, *sealjar.Session[basket]) error
		want bool
	}{
		{"reading", func(_ context.Context, s *sealjar.Session[basket]) error { _, _ = s.ID(), s.Flashes(); return nil }, false},
		{"write, then revert", func(_ context.Context, s *sealjar.Session[basket]) error { s.Data.Views++; s.Data.Views--; return nil }, false},
		{"remember and not", func(_ context.Context, s *sealjar.Session[basket]) error {
			_ = s.Remember(true)
			return s.Remember(false)
		}, false},
		{"data", func(_ context.Context, s *sealjar.Session[basket]) error { s.Data.Views++; return nil }, true},
		{"sign in", func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") }, true},
		{"flash", func(_ context.Context, s *sealjar.Session[basket]) error { return s.AddFlash("info", "hello") }, true},
		{"remember", func(_ context.Context, s *sealjar.Session[basket]) error { return s.Remember(true) }, true},
		{"groups", func(_ context.Context, s *sealjar.Session[basket]) error { return s.SetGroups("staff") }, true},
		{"lifetime", func(_ context.Context, s *sealjar.Session[basket]) error { return s.SetLifetime(time.Hour) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			jar, v := jarOf[basket](t, newShop(t)), visitor{}
			response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, c.do(ctx, s)) })
			require.Equal(t, c.want, wrote(response))
			require.False(t, wrote(view(v, jar)), "and nothing more is written when nothing more is changed")
		})
	}
}

// Values that do not come back from JSON as they went in must not look like a change on every response.
func TestValuesThatAreStable(t *testing.T) {
	zone := time.FixedZone("somewhere", 5*3600+1800)
	stable(t, "interface that held an integer", any(int64(1)<<60+1))
	stable(t, "interface that held a map", any(map[int]any{2: 1.5, 1: "a"}))
	stable(t, "time with a monotonic reading", time.Now())
	stable(t, "time in a zone", time.Date(2026, 1, 2, 3, 4, 5, 6, zone))
	stable(t, "float", math.Pi*1e-9)
	stable(t, "large float", 1e21)
	stable(t, "single precision", float32(0.1))
	stable(t, "text that is not UTF-8", "a\xffb")
	stable(t, "text that JSON escapes", "<a href='&'>\u2028\u0000</a>")
	stable(t, "map, whose order is random", map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
	stable(t, "raw JSON with space", json.RawMessage(` { "b" : 1 , "a" : 2.50 } `))
	stable(t, "number as text", json.Number("2.50"))
}

func stable[T any](t *testing.T, name string, value T) {
	type data struct{ Value T }
	t.Run(name, func(t *testing.T) {
		shop := newShop(t)
		jar, v := jarOf[data](t, shop), visitor{}
		require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[data]) { s.Data.Value = value })))
		for range 3 {
			require.False(t, wrote(view(v, jar)))
		}
		shop.pass(10 * time.Minute)
		require.True(t, wrote(view(v, jar)), "a renewal")
		require.False(t, wrote(view(v, jar)))
	})
}

type (
	version1 struct {
		Views int
		Gone  string
	}
	version2 struct {
		Added []string
		Views int
	}
)

// While a new version of an application is rolled out, both write the same sessions.
func TestAnotherVersionOfTheData(t *testing.T) {
	start := func(t *testing.T) (shop *shop, v visitor, now *sealjar.Jar[version1], next *sealjar.Jar[version2]) {
		shop, v = newShop(t), visitor{}
		now, next = jarOf[version1](t, shop), jarOf[version2](t, shop)
		ask(v, now, func(ctx context.Context, s *sealjar.Session[version1]) {
			require.NoError(t, s.SignIn(ctx, "ada"))
			require.NoError(t, s.AddFlash("info", "hello"))
			s.Data.Gone = "kept"
		})
		return shop, v, now, next
	}
	for _, c := range []struct {
		name  string
		do    func(context.Context, *shop, *sealjar.Session[version2]) error
		wrote bool
		gone  string
	}{
		{name: "does not write by itself", gone: "kept", do: func(_ context.Context, _ *shop, s *sealjar.Session[version2]) error {
			return s.Err()
		}},
		{name: "loses nothing when it renews the lifetime", wrote: true, gone: "kept", do: func(_ context.Context, shop *shop, _ *sealjar.Session[version2]) error {
			shop.pass(10 * time.Minute)
			return nil
		}},
		{name: "loses nothing when it reads a flash", wrote: true, gone: "kept", do: func(_ context.Context, _ *shop, s *sealjar.Session[version2]) error {
			s.Flashes()
			return nil
		}},
		{name: "loses nothing with a new id", wrote: true, gone: "kept", do: func(ctx context.Context, _ *shop, s *sealjar.Session[version2]) error {
			return s.Renew(ctx)
		}},
		{name: "loses nothing when the subject signs in again", wrote: true, gone: "kept", do: func(ctx context.Context, _ *shop, s *sealjar.Session[version2]) error {
			return s.SignIn(ctx, "ada")
		}},
		{name: "wipes also what it does not know when another subject signs in", wrote: true, do: func(ctx context.Context, _ *shop, s *sealjar.Session[version2]) error {
			return s.SignIn(ctx, "grace")
		}},
		{name: "writes what it knows when that has changed", wrote: true, do: func(_ context.Context, _ *shop, s *sealjar.Session[version2]) error {
			s.Data.Added = []string{"new"}
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, v, now, next := start(t)
			response := ask(v, next, func(ctx context.Context, s *sealjar.Session[version2]) { require.NoError(t, c.do(ctx, shop, s)) })
			require.Equal(t, c.wrote, wrote(response))
			ask(v, now, func(_ context.Context, s *sealjar.Session[version1]) {
				require.NoError(t, s.Err())
				require.Equal(t, c.gone, s.Data.Gone)
			})
		})
	}
}

func TestDataOfAnotherTypeIsAnAnonymousSession(t *testing.T) {
	shop := newShop(t)
	v := visitor{}
	ask(v, jarOf[map[string]string](t, shop), func(ctx context.Context, s *sealjar.Session[map[string]string]) {
		require.NoError(t, s.SignIn(ctx, "ada"))
		s.Data["views"] = "secret"
	})
	shop.told("")
	held := v.copy()
	response := ask(v, jarOf[basket](t, shop), func(_ context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
		require.True(t, s.IsNew())
		require.Empty(t, s.Subject())
		require.Zero(t, s.Data)
	})
	require.Equal(t, 200, response.StatusCode)
	require.False(t, wrote(response), "the version that can read it may come back")
	require.Equal(t, held, v)
	told := shop.told(sealjar.EventRefused)
	require.Len(t, told, 1)
	require.NotContains(t, told[0].Err.Error(), "secret")
}
