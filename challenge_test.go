package sealjar_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// TestChallenge is what the jar adds to a 401 of a handler's own. That of gates has a table in package mwtest.
func TestChallenge(t *testing.T) {
	const (
		plain   = `Bearer realm="__Host-session"`
		invalid = plain + `, error="invalid_token"`
	)
	type session = sealjar.Session[basket]
	answer := func(status int) func(http.ResponseWriter, *http.Request, *session) {
		return func(w http.ResponseWriter, _ *http.Request, _ *session) { w.WriteHeader(status) }
	}
	set := func(name string) func(http.ResponseWriter, *http.Request, *session) {
		return func(w http.ResponseWriter, _ *http.Request, _ *session) {
			w.Header()[name] = []string{"Basic"}
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	readOnly := func(o *sealjar.Options) { o.ReadOnly = true }
	cookies := func(o *sealjar.Options) { o.Header = "" }
	unreachable := func(o *sealjar.Options) { o.Revocation = &webList{check: errWebOutage} }
	changed := func(w http.ResponseWriter, _ *http.Request, s *session) {
		s.Data.Views++
		w.WriteHeader(http.StatusUnauthorized)
	}
	named := func(o *sealjar.Options) { o.Cookie.Name = "__Host-shop" }
	for _, row := range []struct {
		name   string
		do     func(http.ResponseWriter, *http.Request, *session)
		change func(*sealjar.Options)
		bearer string // "good", or what else is in the header
		want   string
	}{
		{name: "401", do: answer(401), want: plain},
		{name: "401 to who is signed in: the token is good", do: answer(401), bearer: "good", want: plain},
		{name: "401 to a bad token", do: answer(401), bearer: "x", want: invalid},
		{name: "401 to a bad token, of who only reads", do: answer(401), change: readOnly, bearer: "x", want: invalid},
		{name: "401 to a token of which nobody can tell", do: answer(401), change: unreachable, bearer: "good", want: plain},
		{name: "a realm for each jar", do: answer(401), change: named, want: `Bearer realm="__Host-shop"`},
		{name: "403", do: answer(403), bearer: "x"},
		{name: "200 to a bad token", do: answer(200), bearer: "x"},
		{name: "the handler's own challenge is left alone", do: set("Www-Authenticate"), bearer: "x", want: "Basic"},
		{name: "in another spelling too", do: set("WWW-Authenticate"), bearer: "x", want: "Basic"},
		{name: "a jar without Header: cookies have no scheme", do: answer(401), change: cookies, bearer: "x"},
		{name: "401 of a session that can't be written: 500", do: changed, bearer: "good"},
	} {
		t.Run(row.name, func(t *testing.T) {
			shop, jar := headerShop(t)
			lines := []string{"Authorization", "Bearer " + row.bearer}
			switch row.bearer {
			case "":
				lines = nil
			case "good":
				lines[1] = "Bearer " + headerToken(t, jar)
			}
			if row.change != nil {
				jar = jarOf[basket](t, shop, func(o *sealjar.Options) { o.Header = "Authorization" }, row.change)
			}
			var got []string
			for name, lines := range headerAsk(jar, row.do, lines...).Header {
				if strings.EqualFold(name, "WWW-Authenticate") {
					got = append(got, lines...)
				}
			}
			require.Equal(t, row.want, strings.Join(got, " and "))
		})
	}
}

// A handler that has not asked for its session gets no header of ours.
func TestChallengeNeedsASession(t *testing.T) {
	_, jar := headerShop(t)
	w := newWebRecorder()
	stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	})).ServeHTTP(w, newWebRequest())
	require.NotContains(t, w.Result().Header, "Www-Authenticate")
}

// What clients are told is the age that was refused, in whole seconds.
func TestChallengeOfASignInThatIsTooOld(t *testing.T) {
	shop, jar := headerShop(t)
	token := headerToken(t, jar)
	shop.pass(2 * time.Minute)
	response := headerAsk(jar, func(w http.ResponseWriter, r *http.Request, _ *sealjar.Session[basket]) {
		require.ErrorIs(t, jar.CheckRecent(r.Context(), time.Minute+time.Millisecond), sealjar.ErrStale)
		require.NoError(t, jar.CheckRecent(r.Context(), time.Hour))
		w.WriteHeader(http.StatusUnauthorized)
	}, "Authorization", "Bearer "+token)
	require.Equal(t, `Bearer realm="__Host-session", error="insufficient_user_authentication", max_age="60"`,
		response.Header.Get("WWW-Authenticate"))

	response = headerAsk(jar, func(w http.ResponseWriter, r *http.Request, _ *sealjar.Session[basket]) {
		require.ErrorIs(t, jar.CheckRecent(r.Context(), -time.Minute), sealjar.ErrStale)
		w.WriteHeader(http.StatusUnauthorized)
	}, "Authorization", "Bearer "+token)
	require.Contains(t, response.Header.Get("WWW-Authenticate"), `max_age="0"`, "it is never negative")
}
