package main

import (
	"net/http"
	"testing"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/migrating/internal/tour"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var hash, block = securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32)

func newJar(t *testing.T) *sealjar.Jar[State] {
	jar, err := sealjar.New[State](sealjar.Options{Keys: sealjartest.Ring(t)})
	require.NoError(t, err)
	return jar
}

func TestBeforeAndAfterAreTheSame(t *testing.T) {
	tour.Whole(t, before(sessions.NewCookieStore(hash, block)))
	tour.Whole(t, beforeEcho(sessions.NewCookieStore(hash, block)))
	tour.Whole(t, after(newJar(t), securecookie.CodecsFromPairs(hash, block)))
	tour.Whole(t, afterEcho(newJar(t), securecookie.CodecsFromPairs(hash, block)))
}

func TestGorillasSessionsAreCarriedOver(t *testing.T) {
	store, codecs := sessions.NewCookieStore(hash, block), securecookie.CodecsFromPairs(hash, block)
	carriedOver(t, before(store), after(newJar(t), codecs))
	carriedOver(t, beforeEcho(store), afterEcho(newJar(t), codecs))
	carriedOver(t, before(store), afterEcho(newJar(t), codecs))
}

func carriedOver(t *testing.T, was, is http.Handler) {
	var v tour.Visitor
	v.Do(t, was, "POST /signin")
	require.Contains(t, v.Cookies, "shop")
	parallel := v.Copy()

	require.Equal(t, "Views 2 alice\n", v.Do(t, is, "GET /"))
	require.NotContains(t, v.Cookies, "shop")
	require.Equal(t, "Views 2 alice\n", parallel.Do(t, is, "GET /"), "another first request")
	require.Equal(t, "Views 3 alice\n", v.Do(t, is, "GET /"))
	require.Equal(t, "Views 1 \n", v.Do(t, is, "POST /signout"))
	require.Equal(t, "Views 2 \n", v.Do(t, is, "GET /"), "it does not come back")
}

func TestGorillasCookieIsNotCarriedOver(t *testing.T) {
	is := after(newJar(t), securecookie.CodecsFromPairs(hash, block))
	var v, other tour.Visitor
	v.Do(t, before(sessions.NewCookieStore(hash, block)), "POST /signin")
	other.Do(t, before(sessions.NewCookieStore(block, hash)), "POST /signin")

	forged := other.Copy()
	require.Equal(t, "Views 1 \n", forged.Do(t, is, "GET /"), "under other keys")
	require.NotContains(t, forged.Cookies, "shop")

	both := tour.Visitor{}
	both.Do(t, is, "GET /")
	both.Cookies["shop"] = v.Cookies["shop"]
	require.Equal(t, "Views 2 \n", both.Do(t, is, "GET /"), "where one of ours is")
	require.NotContains(t, both.Cookies, "shop")
}
