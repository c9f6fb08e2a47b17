package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// A browser sends several cookies of one name when another path or a parent domain has set one, in an order that proves nothing.
func TestOfSeveralCookiesTheNewestGoodOneCounts(t *testing.T) {
	shop, jar, v := start(t)
	const name = "__Host-session"
	older := v[name]
	shop.pass(time.Second)
	signIn(t, v, jar, "grace") // leaves and revokes the older one
	newer := v[name]
	shop.pass(time.Second)
	third := visitor{}
	signIn(t, third, jar, "edsger")
	newest := third[name]
	require.NoError(t, jar.EndAll(t.Context(), "edsger"))
	expired := visitor{}
	short := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Idle = time.Second })
	signIn(t, expired, short, "alan")
	shop.pass(time.Minute)
	away := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{check: errors.New("away")} })

	for _, c := range []struct {
		name    string
		jar     *sealjar.Jar[basket]
		cookies []string
		want    string
		err     error
	}{
		{name: "good and garbage", cookies: []string{newer, "garbage"}, want: "grace"},
		{name: "garbage and good", cookies: []string{"garbage", "", newer}, want: "grace"},
		{name: "revoked and good", cookies: []string{older, newer}, want: "grace"},
		{name: "revoked newer one does not count", cookies: []string{newest, newer}, want: "grace"},
		{name: "expired and good", cookies: []string{expired[name], newer}, want: "grace"},
		{name: "twice the same", cookies: []string{newer, newer}, want: "grace"},
		{name: "quoted", cookies: []string{`"` + newer + `"`}, want: "grace"},
		{name: "empty", cookies: []string{""}, err: sealjar.ErrInvalid},
		{name: "expired says more than garbage", cookies: []string{"garbage", expired[name]}, err: sealjar.ErrExpired},
		{name: "revoked says more than expired", cookies: []string{expired[name], older, "garbage"}, err: sealjar.ErrRevoked},
		{name: "unavailable says most", jar: away, cookies: []string{expired[name], newer, "garbage"}, err: sealjar.ErrUnavailable},
		{name: "the fifth is not tried", cookies: []string{"a", "b", "c", "d", newer}, err: sealjar.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.jar == nil {
				c.jar = jar
			}
			r := visitor{}.request()
			for _, value := range c.cookies {
				r.Header.Add("Cookie", name+"="+value)
			}
			s, err := c.jar.Load(r)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, s.Subject())
		})
	}

	t.Run("in whichever order", func(t *testing.T) {
		list := &revocation.Memory{Now: shop.Now}
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list })
		for _, order := range [][]string{{newer, newest}, {newest, newer}} {
			r := &http.Request{Header: http.Header{"Cookie": {name + "=" + order[0] + "; other=1; " + name + "=" + order[1]}}}
			s, err := jar.Load(r)
			require.NoError(t, err)
			require.Equal(t, "edsger", s.Subject())
		}
	})
	t.Run("one answer gives one cookie", func(t *testing.T) {
		response := ask(visitor{name: newer}, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
		require.Len(t, response.Header["Set-Cookie"], 1)
	})
}
