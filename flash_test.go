package sealjar_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestFlashIsReadOnceByALaterRequest(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.AddFlash("info", "first"))
		require.NoError(t, s.AddFlash("error", "second"))
		require.Empty(t, s.Flashes(), "not in the same request")
	})
	require.Empty(t, shop.told(sealjar.EventUnwritten))
	require.False(t, wrote(view(v, jar)), "what nobody reads stays")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.AddFlash("info", "third"))
	})
	response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, []sealjar.Flash{
			{Kind: "info", Text: "first"}, {Kind: "error", Text: "second"}, {Kind: "info", Text: "third"},
		}, s.Flashes(), "in order")
		require.Empty(t, s.Flashes(), "once")
	})
	require.True(t, wrote(response))
	require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Empty(t, s.Flashes()) })))
}

func TestFlashReadAndLeftInOneRequest(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	leave := func(text string) {
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			s.Flashes()
			require.NoError(t, s.AddFlash("info", text))
		})
	}
	leave("old")
	leave("new")
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, []sealjar.Flash{{Kind: "info", Text: "new"}}, s.Flashes())
	})
}

func TestFlashSurvives(t *testing.T) {
	hello := []sealjar.Flash{{Kind: "info", Text: "hello"}}
	for _, c := range []struct {
		name string
		do   func(http.ResponseWriter, *http.Request, *shop, *sealjar.Session[basket])
	}{
		{"a response that could not be written", func(_ http.ResponseWriter, _ *http.Request, _ *shop, s *sealjar.Session[basket]) {
			s.Flashes()
			s.Data.Items = []string{strings.Repeat("large", 2000)}
		}},
		{"being read after the header", func(w http.ResponseWriter, _ *http.Request, _ *shop, s *sealjar.Session[basket]) {
			w.WriteHeader(http.StatusOK)
			if len(s.Flashes()) != 1 {
				panic("not shown")
			}
		}},
		{"sign in", func(_ http.ResponseWriter, r *http.Request, _ *shop, s *sealjar.Session[basket]) {
			_ = s.SignIn(r.Context(), "ada")
		}},
		{"a renewal", func(_ http.ResponseWriter, _ *http.Request, shop *shop, _ *sealjar.Session[basket]) {
			shop.pass(10 * time.Minute)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t)
			jar, v := jarOf[basket](t, shop), visitor{}
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.AddFlash("info", "hello")) })
			v.serve(jar, func(w http.ResponseWriter, r *http.Request) { c.do(w, r, shop, jar.From(r.Context())) })
			ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, hello, s.Flashes()) })
		})
	}
}

// A page that writes before it asks shows its messages again, and is told why, once. Where there are none it is not.
func TestFlashesReadAfterTheHeaderAreToldOf(t *testing.T) {
	events := new(webEvents)
	jar, v := webJar(t, sealjar.Options{Observe: events.Observe}), visitor{}
	late := func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		s.Data.Views++
		_, _ = w.Write([]byte("Hello. "))
		s.Flashes()
		s.Flashes()
	}
	v.serve(jar, late)
	require.Equal(t, []sealjar.EventKind{sealjar.EventSealed}, events.Kinds())
	v.serve(jar, func(_ http.ResponseWriter, r *http.Request) { _ = jar.From(r.Context()).AddFlash("info", "hello") })
	events.Take()
	v.serve(jar, late)
	told := events.Take()
	require.Len(t, told, 3)
	require.Equal(t, sealjar.EventUnwritten, told[2].Kind)
	require.ErrorIs(t, told[2].Err, sealjar.ErrHeadersSent)
}

func TestFlashRefused(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	require.False(t, wrote(ask(visitor{}, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Error(t, s.AddFlash("info", "not UTF-8: \xff"))
		require.Error(t, s.AddFlash("\xff", "hello"))
	})))
}

func TestFlashesDoNotPileUp(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	for i := range 100 {
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.AddFlash("", string(rune('A'+i))))
		})
	}
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		flashes := s.Flashes()
		require.Len(t, flashes, 16)
		require.Equal(t, string(rune('A'+99)), flashes[15].Text)
	})
}
