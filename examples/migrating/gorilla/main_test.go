package main

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/migrating/internal/tour"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var hash, block = securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32)

// now is the new application, as net/http and as Echo see it.
func now(t *testing.T) (jar *sealjar.Jar[State], std, echo http.Handler) {
	list, codecs := &revocation.Memory{}, securecookie.CodecsFromPairs(hash, block)
	jar, err := sealjar.New[State](sealjar.Options{Keys: sealjartest.Ring(t), Revocation: list})
	require.NoError(t, err)
	return jar, after(jar, list, codecs), afterEcho(jar, list, codecs)
}

func TestBeforeAndAfterAreTheSame(t *testing.T) {
	tour.Whole(t, before(sessions.NewCookieStore(hash, block)))
	tour.Whole(t, beforeEcho(sessions.NewCookieStore(hash, block)))
	_, std, echo := now(t)
	tour.Whole(t, std)
	tour.Whole(t, echo)
}

func TestGorillasSessionsAreCarriedOver(t *testing.T) {
	store := sessions.NewCookieStore(hash, block)
	_, std, echo := now(t)
	carriedOver(t, before(store), std)
	carriedOver(t, beforeEcho(store), echo)
	carriedOver(t, before(store), echo)
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
	jar, is, _ := now(t)
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

	revoked := v.Copy()
	require.NoError(t, jar.EndAll(t.Context(), "alice"))
	require.Equal(t, "Views 1 \n", revoked.Do(t, is, "GET /"), "signed out everywhere")
	require.NotContains(t, revoked.Cookies, "shop")
}

func TestWhenTheListDoesNotAnswerTheCookieStays(t *testing.T) {
	jar, err := sealjar.New[State](sealjar.Options{Keys: sealjartest.Ring(t)})
	require.NoError(t, err)
	var v tour.Visitor
	v.Do(t, before(sessions.NewCookieStore(hash, block)), "POST /signin")
	kept := v.Copy()
	is := after(jar, broken{}, securecookie.CodecsFromPairs(hash, block))
	require.Equal(t, "try again\n", v.Do(t, is, "GET /"))
	require.Equal(t, kept.Cookies, v.Cookies)
}

type broken struct{ sealjar.Revocation }

func (broken) Check(context.Context, revocation.Claims) error { return errors.New("down") }
