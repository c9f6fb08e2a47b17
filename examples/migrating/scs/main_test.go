package main

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/migrating/internal/tour"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newManager starts no goroutine that would outlive a test.
func newManager() *scs.SessionManager {
	manager := &scs.SessionManager{
		Lifetime: 24 * time.Hour, Store: memstore.NewWithCleanupInterval(0), Codec: scs.GobCodec{}, HashTokenInStore: true,
	}
	manager.Cookie.Name, manager.Cookie.Path = "session", "/"
	return manager
}

func now(t *testing.T, manager *scs.SessionManager) (*sealjar.Jar[State], http.Handler) {
	list := &revocation.Memory{}
	jar, err := sealjar.New[State](sealjar.Options{Keys: sealjartest.Ring(t), Revocation: list})
	require.NoError(t, err)
	return jar, after(jar, list, manager)
}

func TestBeforeAndAfterAreTheSame(t *testing.T) {
	tour.Whole(t, before(newManager()))
	_, is := now(t, newManager())
	tour.Whole(t, is)
}

func TestSessionsOfSCSAreCarriedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		manager := newManager()
		was := before(manager)
		_, is := now(t, manager)
		var v tour.Visitor
		v.Do(t, was, "POST /signin")
		parallel, stolen := v.Copy(), v.Copy()

		require.Equal(t, "Views 2 alice\n", v.Do(t, is, "GET /"))
		require.NotContains(t, v.Cookies, "session")
		require.Equal(t, "Views 2 alice\n", parallel.Do(t, is, "GET /"), "another first request")
		time.Sleep(2 * grace)
		require.Equal(t, "Views 1 \n", stolen.Do(t, is, "GET /"), "and none later")
		require.Equal(t, "Views 3 alice\n", parallel.Do(t, is, "GET /"), "whose session lives as long")
		require.NotContains(t, stolen.Cookies, "session")
		require.Equal(t, "Views 3 alice\n", v.Do(t, is, "GET /"))
		require.Equal(t, "Views 1 \n", v.Do(t, is, "POST /signout"))
		require.Equal(t, "Views 2 \n", v.Do(t, is, "GET /"), "it does not come back")
	})
}

func TestASessionOfSCSEndsWhenItWouldHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		manager := newManager()
		was := before(manager)
		_, is := now(t, manager)
		var v tour.Visitor
		v.Do(t, was, "POST /signin?remember=on")
		time.Sleep(23 * time.Hour)
		require.Equal(t, "Views 2 alice\n", v.Do(t, is, "GET /"))
		time.Sleep(59 * time.Minute)
		require.Equal(t, "Views 3 alice\n", v.Do(t, is, "GET /"))
		time.Sleep(2 * time.Minute)
		require.Equal(t, "Views 1 \n", v.Do(t, is, "GET /"))
	})
}

func TestARevokedSessionOfSCSIsNotCarriedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		manager := newManager()
		jar, is := now(t, manager)
		var v, later tour.Visitor
		v.Do(t, before(manager), "POST /signin")
		require.NoError(t, jar.EndAll(t.Context(), "alice"))
		time.Sleep(time.Minute)
		later.Do(t, before(manager), "POST /signin")
		require.Equal(t, "Views 1 \n", v.Do(t, is, "GET /"))
		require.NotContains(t, v.Cookies, "session")
		require.Equal(t, "Views 2 alice\n", later.Do(t, is, "GET /"), "signed in after that")
	})
}

func TestWhenTheStoreDoesNotAnswerTheCookieStays(t *testing.T) {
	manager := newManager()
	var v tour.Visitor
	v.Do(t, before(manager), "POST /signin")
	_, is := now(t, manager)
	store := manager.Store
	manager.Store = broken{store}
	require.Equal(t, "try again\n", v.Do(t, is, "GET /"))
	require.Contains(t, v.Cookies, "session")
	manager.Store = store
	require.Equal(t, "Views 2 alice\n", v.Do(t, is, "GET /"))
}

type broken struct{ scs.Store }

func (broken) Find(string) ([]byte, bool, error) { return nil, false, errors.New("down") }
