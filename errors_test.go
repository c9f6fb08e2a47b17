package sealjar_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/token"
)

// webSentinels is every error of this package that a caller can ask for.
var webSentinels = []error{
	sealjar.ErrNone, sealjar.ErrInvalid, sealjar.ErrExpired, sealjar.ErrRevoked, sealjar.ErrUnavailable, sealjar.ErrAnonymous,
	sealjar.ErrTooLarge, sealjar.ErrHeadersSent, sealjar.ErrNoRevocation,
}

func TestErrorsAreDistinct(t *testing.T) {
	texts := map[string]bool{}
	others := []error{token.ErrExpired, token.ErrTooLong, revocation.ErrRevoked, revocation.ErrUnavailable}
	for i, err := range webSentinels {
		require.True(t, strings.HasPrefix(err.Error(), "sealjar: "), err)
		require.False(t, texts[err.Error()], err)
		texts[err.Error()] = true
		for j, other := range append(webSentinels[:len(webSentinels):len(webSentinels)], others...) {
			require.Equal(t, i == j, errors.Is(err, other), "%v is %v", err, other)
		}
	}
}

func TestErrorsWithoutSession(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	s, err := jar.Load(newWebRequest())
	require.Equal(t, sealjar.ErrNone, err)
	require.Equal(t, err, s.Err())
	require.Equal(t, sealjar.ErrNoRevocation, jar.EndAll(t.Context(), "alice"))

	check := func(cookies ...string) (err error) {
		webRespond(jar, func(_ http.ResponseWriter, r *http.Request) { err = jar.Check(r.Context()) }, cookies...)
		return err
	}
	require.Equal(t, sealjar.ErrNone, check())
	require.Equal(t, sealjar.ErrAnonymous, check(webSealViews(t, jar, 1)))
	require.NoError(t, check(webSeal(t, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.NoError(t, s.SignIn(t.Context(), "alice"))
	})))
}

// From is called where no middleware is mounted: a programmer's error.
func TestErrorsFromWithoutMiddlewarePanics(t *testing.T) {
	ring := sealjartest.Ring(t)
	jar := webJar(t, sealjar.Options{Keys: ring})
	other := webJar(t, sealjar.Options{Keys: ring})
	const want = "sealjar: no session in this context: mount the jar's middleware around the handler, or use Jar.Load"
	require.PanicsWithValue(t, want, func() { jar.From(t.Context()) })
	webRespond(other, func(_ http.ResponseWriter, r *http.Request) {
		require.PanicsWithValue(t, want, func() { jar.Peek(r.Context()) }, "another jar's middleware is no help")
	})
}
