package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/token"
)

// webList is a revocation list that can fail.
type webList struct {
	revocation.Memory
	check, revoke error
}

func (l *webList) Check(ctx context.Context, c revocation.Claims) error {
	if l.check != nil {
		return l.check
	}
	return l.Memory.Check(ctx, c)
}

func (l *webList) Revoke(ctx context.Context, e revocation.Entry) error {
	if l.revoke != nil {
		return l.revoke
	}
	return l.Memory.Revoke(ctx, e)
}

var errWebOutage = errors.New("list: connection refused")

// webRefusal is a way in which a request's cookie is not accepted.
type webRefusal struct {
	name  string
	is    error // of this package
	cause error // that it tells as well
	make  func(t *testing.T) (options sealjar.Options, cookie string)
}

var webRefusals = []webRefusal{
	{"no token at all", sealjar.ErrInvalid, token.ErrMalformed, func(t *testing.T) (sealjar.Options, string) {
		return sealjar.Options{Keys: sealjartest.Ring(t)}, "__Host-session=hello"
	}},
	{"a very long token", sealjar.ErrInvalid, token.ErrTooLong, func(t *testing.T) (sealjar.Options, string) {
		return sealjar.Options{Keys: sealjartest.Ring(t)}, "__Host-session=" + strings.Repeat("a", token.DefaultMaxLength+1)
	}},
	{"a key that is gone", sealjar.ErrInvalid, token.ErrUnknownKey, func(t *testing.T) (sealjar.Options, string) {
		return sealjar.Options{Keys: sealjartest.Ring(t)}, webSealViews(t, webJar(t, sealjar.Options{}), 1)
	}},
	{"a key that has expired", sealjar.ErrInvalid, token.ErrKeyExpired, func(t *testing.T) (sealjar.Options, string) {
		clock := newWebClock()
		options := sealjar.Options{Keys: webExpiringRing(t), AllowShortKeys: true, Now: clock.Now}
		sealed := webSealViews(t, webJar(t, options), 1)
		clock.Move(time.Minute)
		return options, sealed
	}},
	{"a token that was changed", sealjar.ErrInvalid, token.ErrDecryption, func(t *testing.T) (sealjar.Options, string) {
		options := sealjar.Options{Keys: sealjartest.Ring(t)}
		sealed := []byte(webSealViews(t, webJar(t, options), 1))
		middle := len(sealed) - 100
		sealed[middle] = 'A' + (sealed[middle]-'A'+1)%26
		return options, string(sealed)
	}},
	{"another issuer", sealjar.ErrInvalid, token.ErrIssuer, func(t *testing.T) (sealjar.Options, string) {
		ring := sealjartest.Ring(t)
		return sealjar.Options{Keys: ring, Issuer: "a"}, webSealViews(t, webJar(t, sealjar.Options{Keys: ring, Issuer: "b"}), 1)
	}},
	{"another cookie", sealjar.ErrInvalid, token.ErrAudience, func(t *testing.T) (sealjar.Options, string) {
		ring := sealjartest.Ring(t)
		other := webSealViews(t, webJar(t, sealjar.Options{Keys: ring, Cookie: sealjar.Cookie{Name: "a"}}), 1)
		return sealjar.Options{Keys: ring}, "__Host-session=" + strings.TrimPrefix(other, "a=")
	}},
	{"a token from the future", sealjar.ErrInvalid, token.ErrNotYet, func(t *testing.T) (sealjar.Options, string) {
		clock := newWebClock()
		options := sealjar.Options{Keys: sealjartest.Ring(t), Now: clock.Now}
		clock.Move(time.Hour)
		sealed := webSealViews(t, webJar(t, options), 1)
		clock.Move(-time.Hour)
		return options, sealed
	}},
	{"data of another type", sealjar.ErrInvalid, nil, func(t *testing.T) (sealjar.Options, string) {
		ring := sealjartest.Ring(t)
		other, err := sealjar.New[map[string]float64](sealjar.Options{Keys: ring, Now: newWebClock().Now})
		require.NoError(t, err)
		w := newWebRecorder()
		s, _ := other.Load(newWebRequest())
		s.Data["views"] = 31415.9265 // encoding/json would quote it in its error
		require.NoError(t, other.Save(w, s))
		sealed, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		return sealjar.Options{Keys: ring}, sealed
	}},
	{"a token of another program", sealjar.ErrInvalid, nil, func(t *testing.T) (sealjar.Options, string) {
		ring := sealjartest.Ring(t)
		codec, err := token.New(token.Config{Keys: ring, Audience: "session/__Host-session", Now: newWebClock().Now})
		require.NoError(t, err)
		text, err := codec.Seal(&token.Claims{
			SessionID: "sid", Expiry: webStart.Add(time.Hour), AuthTime: webStart, State: []byte(`{"no":"data"}`),
		})
		require.NoError(t, err)
		return sealjar.Options{Keys: ring}, "__Host-session=" + text
	}},
	{"a session that has expired", sealjar.ErrExpired, token.ErrExpired, func(t *testing.T) (sealjar.Options, string) {
		clock := newWebClock()
		options := sealjar.Options{Keys: sealjartest.Ring(t), Now: clock.Now}
		sealed := webSealViews(t, webJar(t, options), 1)
		clock.Move(30*time.Minute + token.Leeway)
		return options, sealed
	}},
	{"a lifetime that was cut", sealjar.ErrExpired, token.ErrExpired, func(t *testing.T) (sealjar.Options, string) {
		clock := newWebClock()
		options := sealjar.Options{Keys: sealjartest.Ring(t), Now: clock.Now}
		sealed := webSealViews(t, webJar(t, options), 1)
		clock.Move(10 * time.Minute)
		options.Idle = 5 * time.Minute
		return options, sealed
	}},
	{"a session that was revoked", sealjar.ErrRevoked, revocation.ErrRevoked, func(t *testing.T) (sealjar.Options, string) {
		options := sealjar.Options{Keys: sealjartest.Ring(t), Revocation: new(webList)}
		jar := webJar(t, options)
		sealed := webSealViews(t, jar, 1)
		webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) }, sealed)
		return options, sealed
	}},
	{"a list that is stale", sealjar.ErrUnavailable, revocation.ErrUnavailable, func(t *testing.T) (sealjar.Options, string) {
		options := sealjar.Options{Keys: sealjartest.Ring(t), Revocation: &webList{check: revocation.ErrUnavailable}}
		return options, webSealViews(t, webJar(t, options), 1)
	}},
	{"a list that is out of reach", sealjar.ErrUnavailable, errWebOutage, func(t *testing.T) (sealjar.Options, string) {
		options := sealjar.Options{Keys: sealjartest.Ring(t), Revocation: &webList{check: errWebOutage}}
		return options, webSealViews(t, webJar(t, options), 1)
	}},
}

// webExpiringRing has one key that opens until half a minute after webStart.
func webExpiringRing(t *testing.T) *keys.Ring {
	t.Helper()
	key, err := keys.Generate(keys.HS256, time.Time{}, webStart.Add(30*time.Second))
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{Now: newWebClock().Now})
	require.NoError(t, err)
	return ring
}

// Whatever is wrong with a cookie, the handler gets a session that it can use, the reason, and one event; and the client
// learns nothing of it.
func TestRefusals(t *testing.T) {
	for _, refusal := range webRefusals {
		t.Run(refusal.name, func(t *testing.T) {
			options, cookie := refusal.make(t)
			events := new(webEvents)
			options.Observe = events.Observe
			jar := webJar(t, options)
			response := webServe(jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
				require.ErrorIs(t, s.Err(), refusal.is)
				if refusal.cause != nil {
					require.ErrorIs(t, s.Err(), refusal.cause)
				}
				for _, other := range webSentinels {
					require.Equal(t, errors.Is(refusal.is, other), errors.Is(s.Err(), other), "%v is %v", s.Err(), other)
				}
				require.True(t, strings.HasPrefix(s.Err().Error(), refusal.is.Error()+": "), s.Err())
				require.NotContains(t, s.Err().Error(), "31415", "the data")
				require.True(t, s.IsNew())
				require.Empty(t, s.Subject())
				require.Zero(t, s.Data)
				_, _ = w.Write([]byte("hello"))
			}, cookie)
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Equal(t, "hello", webBody(t, response))
			require.Empty(t, response.Header["Set-Cookie"], "a stranger's cookie is not ours to delete")

			all := events.Take()
			require.Len(t, all, 1)
			require.Equal(t, sealjar.EventRefused, all[0].Kind)
			require.ErrorIs(t, all[0].Err, refusal.is)
			require.Equal(t, "__Host-session", all[0].Cookie)
			require.Zero(t, all[0].Size)
			require.NotNil(t, all[0].Context)
			switch named := all[0].SessionID != "" && all[0].KeyID != ""; {
			case errors.Is(refusal.is, sealjar.ErrRevoked), errors.Is(refusal.is, sealjar.ErrUnavailable):
				require.True(t, named, "an audit needs to know whose session it was")
			case errors.Is(refusal.is, sealjar.ErrInvalid) && refusal.cause != nil:
				require.False(t, named, "nothing is known of a token that did not open")
			}

			err := func() (err error) {
				webRespond(jar, func(_ http.ResponseWriter, r *http.Request) { err = jar.Check(r.Context()) }, cookie)
				return err
			}()
			require.ErrorIs(t, err, refusal.is)
		})
	}
}
