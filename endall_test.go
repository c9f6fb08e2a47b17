package sealjar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// Clocks of two nodes differ by up to the leeway, and EndAll means all.
func TestEndAllReachesSessionsOfFastAndSlowNodes(t *testing.T) {
	for _, ahead := range []time.Duration{-30 * time.Second, -20 * time.Second, 20 * time.Second, 30 * time.Second} {
		t.Run(ahead.String(), func(t *testing.T) {
			shop := newShop(t)
			other := func(o *sealjar.Options) { o.Now = func() time.Time { return shop.Now().Add(ahead) } }
			here, there := jarOf[basket](t, shop), jarOf[basket](t, shop, other)
			v := visitor{}
			signIn(t, v, there, "ada")
			shop.pass(time.Millisecond)
			require.NoError(t, here.EndAll(t.Context(), "ada"))
			for _, jar := range []*sealjar.Jar[basket]{here, there} {
				_, err := subjectOf(v, jar)
				require.ErrorIs(t, err, sealjar.ErrRevoked)
			}
			// Signing in again works on both at once, and is good on both.
			for _, jar := range []*sealjar.Jar[basket]{here, there} {
				again := visitor{}
				signIn(t, again, jar, "ada")
				for _, reader := range []*sealjar.Jar[basket]{here, there} {
					subject, err := subjectOf(again, reader)
					require.NoError(t, err)
					require.Equal(t, "ada", subject)
				}
			}
		})
	}
}

func TestEndAllTwiceInOneMillisecond(t *testing.T) {
	shop := newShop(t)
	jar := jarOf[basket](t, shop)
	for range 3 {
		v := visitor{}
		require.NoError(t, jar.EndAll(t.Context(), "ada"))
		signIn(t, v, jar, "ada")
		_, err := subjectOf(v, jar)
		require.NoError(t, err)
		require.NoError(t, jar.EndAll(t.Context(), "ada"))
		_, err = subjectOf(v, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	}
}
