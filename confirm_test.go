package sealjar_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// trustful is a list that accepts what it can't tell about, as one with the policy Allow does in an outage.
type trustful struct {
	revocation.Memory
	blind    bool
	lifetime time.Duration
}

func (l *trustful) Confirm(ctx context.Context, c revocation.Claims) error {
	if l.blind {
		return revocation.ErrUnavailable
	}
	return l.Check(ctx, c)
}

func (l *trustful) Outlive(d time.Duration) { l.lifetime = max(l.lifetime, d) }

// A session that is accepted for want of knowledge is good for what it is, and its end does not move: it may have been ended
// elsewhere, and must not outlive the outage by that.
func TestUnconfirmedSessionIsNotProlonged(t *testing.T) {
	for _, test := range []struct {
		name      string
		blind     bool
		change    webSession
		set, move bool // a cookie is set, with a later end
	}{
		{"confirmed, unchanged: prolonged", false, nil, true, true},
		{"confirmed, changed: prolonged", false, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ }, true, true},
		{"unconfirmed, unchanged: not written", true, nil, false, false},
		{"unconfirmed, changed: written, with its old end", true, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ }, true, false},
		{"unconfirmed, signed in anew: a session of its own", true, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
			_ = s.SignIn(context.Background(), "alice")
		}, true, true},
		{"unconfirmed, given a new id: refused", true, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
			if err := s.Renew(context.Background()); err == nil {
				panic("renewed")
			}
		}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock, list := newWebClock(), &trustful{}
			list.Now = clock.Now
			jar := webJar(t, sealjar.Options{Revocation: list, Now: clock.Now})
			var end time.Time
			do := func(change webSession, cookie string) (*http.Response, string) {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				if cookie != "" {
					r.Header.Set("Cookie", cookie)
				}
				w := httptest.NewRecorder()
				stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					s := jar.From(r.Context())
					end = s.IdleExpiry()
					if change != nil {
						change(w, s)
					}
				})).ServeHTTP(w, r)
				for _, c := range w.Result().Cookies() {
					cookie = c.Name + "=" + c.Value
				}
				return w.Result(), cookie
			}
			_, cookie := do(func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
				_ = s.SignIn(context.Background(), "alice")
			}, "")
			do(nil, cookie)
			before := end
			clock.Move(20 * time.Minute)
			list.blind = test.blind
			response, next := do(test.change, cookie)
			require.Equal(t, test.set, len(response.Cookies()) == 1)
			do(nil, next)
			require.Equal(t, test.move, end.After(before))
			require.False(t, end.Before(before))
		})
	}
}

// A list is told for how long it has to remember, by the jar whose sessions live longest.
func TestListIsToldTheLongestLifetime(t *testing.T) {
	list := &trustful{}
	webJar(t, sealjar.Options{Revocation: list, RememberAbsolute: 90 * 24 * time.Hour})
	require.Greater(t, list.lifetime, 90*24*time.Hour)
	require.Less(t, list.lifetime, 91*24*time.Hour)
}

// questions remembers when each question to the list came up.
type questions struct {
	revocation.Memory
	asked []time.Time
}

func (l *questions) Check(ctx context.Context, c revocation.Claims) error {
	l.asked = append(l.asked, c.Asked)
	return l.Memory.Check(ctx, c)
}

// A list is told when a request's first question came up, if it is by the clock that a list goes by. What comes later, when the
// handler has taken its time, it asks its own clock about.
func TestListIsToldWhenItWasAsked(t *testing.T) {
	for name, now := range map[string]func() time.Time{"the machine's clock": nil, "another clock": time.Now} {
		t.Run(name, func(t *testing.T) {
			list := &questions{}
			jar, err := sealjar.New[webState](sealjar.Options{Keys: sealjartest.Ring(t), Revocation: list, Now: now})
			require.NoError(t, err)
			cookie := webSeal(t, jar, webCount)
			list.asked = nil
			before := time.Now()
			webServe(jar, webCount, cookie)
			require.GreaterOrEqual(t, len(list.asked), 2)
			if now == nil {
				require.WithinRange(t, list.asked[0], before, time.Now())
				list.asked = list.asked[1:]
			}
			for _, asked := range list.asked {
				require.Zero(t, asked)
			}
		})
	}
}

// A session that was spared when the others of its subject ended is two questions, of which the second comes when the first
// was answered: by a list that asks somebody else, that is later.
func TestListIsNotToldAnOldTimeAboutTheSubject(t *testing.T) {
	list := &questions{}
	jar, err := sealjar.New[webState](sealjar.Options{Keys: sealjartest.Ring(t), Revocation: list})
	require.NoError(t, err)
	cookie := webSeal(t, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.NoError(t, s.SignIn(t.Context(), "ada"))
	})
	var spared string
	for _, line := range webRespond(jar, func(_ http.ResponseWriter, r *http.Request) {
		require.NoError(t, jar.EndOthers(r.Context(), jar.From(r.Context())))
	}, cookie).Header["Set-Cookie"] {
		spared, _, _ = strings.Cut(line, ";")
	}
	list.asked = nil
	webServe(jar, webRead, spared)
	require.Len(t, list.asked, 2)
	require.NotZero(t, list.asked[0])
	require.Zero(t, list.asked[1])
}
