package backchannel_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/backchannel"
	"github.com/sealjar/sealjar/revocation"
)

const form = "application/x-www-form-urlencoded"

func TestWhatATokenEnds(t *testing.T) {
	for _, row := range []struct {
		name   string
		claims object
		ends   revocation.Name
	}{
		{"a subject: all sessions", object{"sub": "ada"}, ada},
		{"a subject and a session: that session", object{"sub": "ada", "sid": "s1"}, adaLaptop},
		{"a session alone", object{"sub": nil, "sid": "s1"}, adaLaptop},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.requireEnded(t, s.post(logoutToken(claimsOf(start, row.claims))), row.ends)
			require.Len(t, s.list.entries, 1)
			require.Equal(t, "signed out by "+issuer, s.list.entries[0].Reason)
		})
	}
	t.Run("what the application says", func(t *testing.T) {
		s := newSite(t, func(o *backchannel.Options) {
			o.Names = func(_ context.Context, l backchannel.Logout) ([]revocation.Name, error) {
				require.Equal(t, "ada", l.Subject)
				return []revocation.Name{{Kind: revocation.Subject, Name: "user-7"}, {Kind: revocation.Group, Name: "desk"}}, nil
			}
		})
		s.requireEnded(t, s.post(logoutToken(claimsOf(start, object{"sid": "s1"}))),
			revocation.Name{Kind: revocation.Subject, Name: "user-7"}, revocation.Name{Kind: revocation.Group, Name: "desk"})
		for _, e := range s.list.entries {
			require.Equal(t, start, e.Cutoff, "both are used again")
		}
	})
	t.Run("nobody, if the application says so", func(t *testing.T) {
		s := newSite(t, func(o *backchannel.Options) {
			o.Names = func(context.Context, backchannel.Logout) ([]revocation.Name, error) { return nil, nil }
		})
		require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(start, nil))).Code)
		require.Empty(t, s.list.entries)
	})
}

// The cutoff is 30 seconds after the token was made, and a subject may sign in again at once.
func TestWhoIsSignedInAfterALogoutStays(t *testing.T) {
	for _, row := range []struct {
		name   string
		claims object
		after  time.Duration // from iat to the arrival
		cutoff time.Duration // from iat
	}{
		{"subject, at once", nil, 0, 0},
		{"subject, the provider's clock is ahead", nil, -20 * time.Second, -20 * time.Second},
		{"subject, after 10 seconds", nil, 10 * time.Second, 10 * time.Second},
		{"subject, late", nil, 2 * time.Minute, 30 * time.Second},
		{"session, at once: a sign-in may be under way", object{"sid": "s1"}, 0, 30 * time.Second},
		{"session, late", object{"sid": "s1"}, 2 * time.Minute, 30 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.now = start.Add(row.after)
			require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(start, row.claims))).Code)
			require.Equal(t, start.Add(row.cutoff), s.list.entries[0].Cutoff)
			require.Equal(t, s.now.Add(12*time.Hour+time.Minute), s.list.entries[0].Until)
		})
	}
	t.Run("a list that does not know how long sessions live", func(t *testing.T) {
		memory := &revocation.Memory{}
		s := newSite(t, func(o *backchannel.Options) { o.List = memory })
		s.requireKept(t, memory, s.post(logoutToken(claimsOf(start, nil))).Code)
	})
}

func (s *site) requireKept(t *testing.T, memory *revocation.Memory, code int) {
	t.Helper()
	require.Equal(t, http.StatusOK, code)
	found, err := memory.Lookup(t.Context(), []revocation.Name{ada})
	require.NoError(t, err)
	require.True(t, found[0].Until.After(start.AddDate(0, 0, 400)))
}

func TestATokenIsObeyedOnce(t *testing.T) {
	s := newSite(t, nil)
	token := logoutToken(claimsOf(start, object{"jti": "one"}))
	require.Equal(t, http.StatusOK, s.post(token).Code)
	s.now = start.Add(time.Minute)
	require.Equal(t, http.StatusOK, s.post(token).Code, "it has what it wants")
	require.Equal(t, backchannel.EventRepeated, s.events[1].Kind)
	require.Len(t, s.list.entries, 1)

	w := s.post(logoutToken(claimsOf(start, object{"jti": "one", "sub": "grace"})))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "another token had this jti")
	require.Len(t, s.list.entries, 1)

	require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(start, object{"jti": "two"}))).Code)
	require.Len(t, s.list.entries, 2)
}

// As long as a token is good it is known, however many others there are meanwhile.
func TestATokenIsKnownAsLongAsItIsGood(t *testing.T) {
	s := newSite(t, nil)
	s.now = start.Add(-4 * time.Minute)
	require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(s.now, nil))).Code, "one before it, which may be forgotten meanwhile")
	s.now = start
	token := logoutToken(claimsOf(start, object{"exp": start.Add(time.Hour).Unix()}))
	require.Equal(t, http.StatusOK, s.post(token).Code)
	for s.now = start.Add(time.Second); s.now.Before(start.Add(5*time.Minute + 30*time.Second)); s.now = s.now.Add(time.Second) {
		require.Equal(t, http.StatusOK, s.post(token).Code)
		require.Equal(t, backchannel.EventRepeated, s.events[len(s.events)-1].Kind)
		if s.now.Unix()%30 == 0 {
			require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(s.now, nil))).Code)
		}
	}
	require.Equal(t, http.StatusBadRequest, s.post(token).Code)
}

// Several tokens, each several times, at once.
func TestTokensAtOnce(t *testing.T) {
	var obeyed, repeated atomic.Int64
	s := newSite(t, func(o *backchannel.Options) {
		o.List, o.Logger = &revocation.Memory{}, slog.New(slog.DiscardHandler)
		o.Observe = func(e backchannel.Event) {
			switch e.Kind {
			case backchannel.EventEnded:
				obeyed.Add(1)
			case backchannel.EventRepeated:
				repeated.Add(1)
			}
		}
	})
	var all sync.WaitGroup
	for range 10 {
		token := logoutToken(claimsOf(start, nil))
		for range 10 {
			all.Go(func() { s.post(token) })
		}
	}
	all.Wait()
	require.GreaterOrEqual(t, obeyed.Load(), int64(10))
	require.EqualValues(t, 100, obeyed.Load()+repeated.Load())
}

func TestAnOutageAsksTheProviderToTryAgain(t *testing.T) {
	down := errors.New("connection refused")
	var s *site
	failing := map[string]func(*backchannel.Options){
		"the list": nil,
		"the keys": func(o *backchannel.Options) {
			keys := o.Keys
			o.Keys = func(ctx context.Context, kid string) (*backchannel.KeySet, error) {
				if s.list.err != nil {
					return nil, s.list.err
				}
				return keys(ctx, kid)
			}
		},
		"the names": func(o *backchannel.Options) {
			o.Names = func(ctx context.Context, l backchannel.Logout) ([]revocation.Name, error) {
				if s.list.err != nil {
					return nil, s.list.err
				}
				return backchannel.Names(ctx, l)
			}
		},
	}
	for name, change := range failing {
		t.Run(name, func(t *testing.T) {
			s = newSite(t, change)
			s.list.err = down
			token := logoutToken(claimsOf(start, nil))
			w := s.post(token)
			require.Equal(t, http.StatusServiceUnavailable, w.Code)
			require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			require.NotContains(t, w.Body.String(), down.Error())
			require.Equal(t, backchannel.EventFailed, s.events[0].Kind)
			require.ErrorIs(t, s.events[0].Err, down)
			require.Contains(t, s.log.String(), "level=ERROR")

			s.list.err = nil
			s.requireEnded(t, s.post(token), ada)
		})
	}
	t.Run("no keys at all", func(t *testing.T) {
		s := newSite(t, func(o *backchannel.Options) {
			o.Keys = func(context.Context, string) (*backchannel.KeySet, error) { return nil, nil }
		})
		require.Equal(t, http.StatusServiceUnavailable, s.post(logoutToken(claimsOf(start, nil))).Code)
	})
}

func TestRequestsRefused(t *testing.T) {
	good := url.Values{"logout_token": {logoutToken(claimsOf(start, nil))}}.Encode()
	for _, row := range []struct{ name, contentType, body, why string }{
		{"no form", "application/json", good, "not a form"},
		{"no content type", "", good, "not a form"},
		{"no token", form, "", "no logout_token"},
		{"an empty token", form, "logout_token=", "not a signed JWT"},
		{"two tokens", form, good + "&" + good, "or several"},
		{"another field's", form, "id_token=x", "no logout_token"},
		{"not encoded", form, "logout_token=%zz", "not a form"},
		{"too long", form, good + "&more=" + strings.Repeat("a", 16<<10), "longer than 16 KiB"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.requireRefused(t, s.send(http.MethodPost, row.contentType, row.body), row.why)
		})
	}
	t.Run("more fields allowed", func(t *testing.T) { // section 2.5
		s := newSite(t, nil)
		s.requireEnded(t, s.send(http.MethodPost, form+"; charset=UTF-8", good+"&more=1"), ada)
	})
	t.Run("a token in the URL", func(t *testing.T) {
		s := newSite(t, nil)
		r, err := http.NewRequest(http.MethodPost, "/backchannel-logout?"+good, strings.NewReader(""))
		require.NoError(t, err)
		r.Header.Set("Content-Type", form)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		s.requireRefused(t, w, "no logout_token")
	})
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodOptions} {
		s := newSite(t, nil)
		w := s.send(method, form, good)
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Equal(t, "POST", w.Header().Get("Allow"))
		require.Empty(t, s.list.entries)
	}
}

func TestOptionsRefused(t *testing.T) {
	for field, change := range map[string]func(*backchannel.Options){
		"Issuer":     func(o *backchannel.Options) { o.Issuer = "" },
		"ClientID":   func(o *backchannel.Options) { o.ClientID = "" },
		"Keys":       func(o *backchannel.Options) { o.Keys = nil },
		"List":       func(o *backchannel.Options) { o.List = nil },
		"MaxAge":     func(o *backchannel.Options) { o.MaxAge = 2 * time.Hour },
		"Algorithms": func(o *backchannel.Options) { o.Algorithms = []string{} },
	} {
		o := backchannel.Options{Issuer: issuer, ClientID: client, List: &revocation.Memory{}, Keys: noKeys}
		_, err := backchannel.New(o)
		require.NoError(t, err)
		change(&o)
		_, err = backchannel.New(o)
		require.ErrorContains(t, err, "Options."+field)
	}
	for _, algorithm := range []string{"none", "None", "", "HS256", "HS512", "rs256"} {
		_, err := backchannel.New(backchannel.Options{
			Issuer: issuer, ClientID: client, List: &revocation.Memory{}, Keys: noKeys, Algorithms: []string{"RS256", algorithm},
		})
		require.ErrorContains(t, err, "Options.Algorithms")
	}
	long := backchannel.Options{Issuer: strings.Repeat("a", 201), ClientID: client, List: &revocation.Memory{}, Keys: noKeys}
	_, err := backchannel.New(long)
	require.ErrorContains(t, err, "Options.Issuer")
}

func noKeys(context.Context, string) (*backchannel.KeySet, error) { return nil, nil }

func TestGroupsAreShortAndDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, pair := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"", "abc"}, {issuer, strings.Repeat("s", 255)}} {
		group := backchannel.Group(pair[0], pair[1])
		require.Len(t, group, 27)
		require.False(t, seen[group])
		seen[group] = true
	}
}
