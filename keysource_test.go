package sealjar_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
)

// rotating is a jar over a ring that the test changes.
type rotating struct {
	*testing.T
	now  time.Time
	ring *keys.Ring
	jar  *sealjar.Jar[struct{ N int }]
}

func (r *rotating) Ring() *keys.Ring { return r.ring }

func newRotating(t *testing.T) *rotating {
	t.Helper()
	r := &rotating{T: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	var err error
	r.ring, err = keys.Rotate(nil, keys.Policy{}, r.now)
	require.NoError(t, err)
	r.jar, err = sealjar.New[struct{ N int }](sealjar.Options{
		Keys: r, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return r.now },
	})
	require.NoError(t, err)
	return r
}

// visit lets a request with the cookie use its session, and returns the cookie of the response, nil if there is none.
func (r *rotating) visit(cookie *http.Cookie, use func(jar *sealjar.Jar[struct{ N int }], request *http.Request)) *http.Cookie {
	r.Helper()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	if cookie != nil {
		request.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	recorder := httptest.NewRecorder()
	w, request, end := r.jar.Begin(recorder, request, nil)
	use(r.jar, request)
	w.WriteHeader(http.StatusOK)
	end(false)
	if cookies := recorder.Result().Cookies(); len(cookies) > 0 {
		return cookies[0]
	}
	return nil
}

func (r *rotating) change(next *keys.Ring, err error) {
	r.Helper()
	require.NoError(r, err)
	r.ring = next
}

func countUp(jar *sealjar.Jar[struct{ N int }], request *http.Request) {
	jar.From(request.Context()).Data.N++
}

func readOnly(jar *sealjar.Jar[struct{ N int }], request *http.Request) {
	_ = jar.From(request.Context()).Data.N
}

func peekOnly(jar *sealjar.Jar[struct{ N int }], request *http.Request) {
	_ = jar.Peek(request.Context()).Data.N
}

func TestASessionMovesToTheNewKey(t *testing.T) {
	r := newRotating(t)
	cookie := r.visit(nil, countUp)
	require.Nil(t, r.visit(cookie, readOnly), "nothing has changed")

	r.change(r.ring.Promote(r.ring.Spare(r.now).ID(), r.now))
	require.Nil(t, r.visit(cookie, peekOnly), "a passive request moves nothing")
	moved := r.visit(cookie, readOnly)
	require.NotNil(t, moved, "one that only reads does")
	require.Equal(t, cookie.Expires, moved.Expires, "and does not live longer for it")
	require.Nil(t, r.visit(moved, readOnly))

	r.now = r.now.Add(time.Hour)
}

// TestATaintedKeyIsLeftAtOnce : also by a request that is passive otherwise.
func TestATaintedKeyIsLeftAtOnce(t *testing.T) {
	r := newRotating(t)
	cookie := r.visit(nil, countUp)
	tainted := r.ring.Sealing(r.now).ID()
	r.change(r.ring.Taint(tainted, r.now))
	for _, use := range []func(*sealjar.Jar[struct{ N int }], *http.Request){readOnly, peekOnly} {
		moved := r.visit(cookie, use)
		require.NotNil(t, moved)
		require.Equal(t, cookie.Expires, moved.Expires)
		require.Nil(t, r.visit(moved, use), "once")
	}
	moved := r.visit(cookie, readOnly)
	r.change(r.ring.Without(tainted, r.now))
	r.visit(moved, func(jar *sealjar.Jar[struct{ N int }], request *http.Request) {
		require.NoError(t, jar.From(request.Context()).Err(), "nobody was signed out")
	})
	r.visit(cookie, func(jar *sealjar.Jar[struct{ N int }], request *http.Request) {
		require.ErrorIs(t, jar.From(request.Context()).Err(), sealjar.ErrInvalid, "and the old tokens are dead")
	})
}

// TestATaintedSpareCountsToo : a node with a faster clock has sealed under a key that is then tainted.
func TestATaintedSpareCountsToo(t *testing.T) {
	r := newRotating(t)
	spare := r.ring.Spare(r.now)
	r.now = spare.NotBefore()
	cookie := r.visit(nil, countUp)
	r.now = r.now.Add(-20 * time.Second)
	require.Nil(t, r.visit(cookie, readOnly), "a key that does not seal here yet is not an old one")
	r.change(r.ring.Taint(spare.ID(), r.now))
	require.NotNil(t, r.visit(cookie, readOnly))
}

func TestAJarRefusesKeysThatEndBeforeItsSessions(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	at := func() time.Time { return now }
	key := func(life time.Duration) *keys.Key {
		k, err := keys.Generate(keys.HS256, now, now.Add(life))
		require.NoError(t, err)
		return k
	}
	ring := func(life time.Duration) *keys.Ring {
		r, err := keys.NewRing([]*keys.Key{key(life)}, keys.Options{Now: at})
		require.NoError(t, err)
		return r
	}
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		options sealjar.Options
		says    string
	}{
		"30 days, as long as a remembered session, allowed": {sealjar.Options{Keys: ring(30 * day)}, ""},
		"29 days refused": {sealjar.Options{Keys: ring(29 * day)}, "sealjar: Options.Keys: keys: key"},
		"7 days with sessions of 7 days allowed": {
			sealjar.Options{Keys: ring(7 * day), RememberAbsolute: 7 * day}, "",
		},
		"7 days with sessions of 8 days refused": {
			sealjar.Options{Keys: ring(7 * day), Absolute: 8 * day, RememberAbsolute: 7 * day}, "the longest session of 192h0m0s (or set Options.AllowShortKeys)",
		},
		"a day, waived, allowed": {sealjar.Options{Keys: ring(day), AllowShortKeys: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Now = at
			_, err := sealjar.New[struct{}](test.options)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestAJarBindsTheFileItIsMadeWith : a later file is held to what the jar requires.
func TestAJarBindsTheFileItIsMadeWith(t *testing.T) {
	first, err := keys.Rotate(nil, keys.Policy{}, time.Now())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, keys.WriteFile(path, first))
	file, err := keys.OpenFile(path, keys.FileOptions{Watch: keys.Watch{Logger: slog.New(slog.DiscardHandler)}})
	require.NoError(t, err)
	short, err := keys.Rotate(nil, keys.Policy{Session: time.Hour, Period: time.Hour}, time.Now())
	require.NoError(t, err)
	short, err = short.WithVersion(2)
	require.NoError(t, err)

	_, err = sealjar.New[struct{}](sealjar.Options{Keys: file})
	require.NoError(t, err)
	require.NoError(t, keys.WriteFile(path, short))
	require.ErrorContains(t, file.Reload(), "the longest session of 720h0m0s")
	require.Equal(t, first.Version(), file.Ring().Version())
}

// TestAKeyThatHasSealedTooMuchIsToldOf : what a jar seals counts, and the file that it has its keys from warns in time.
func TestAKeyThatHasSealedTooMuchIsToldOf(t *testing.T) {
	ring, err := keys.Rotate(nil, keys.Policy{}, time.Now())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, keys.WriteFile(path, ring))
	require.EqualValues(t, 1<<30, keys.SealLimit)
	var warned []keys.Warning
	file, err := keys.OpenFile(path, keys.FileOptions{Watch: keys.Watch{
		SealLimit: 3, Logger: slog.New(slog.DiscardHandler), Observe: func(e keys.Event) {
			if e.Kind == keys.EventWarning {
				warned = append(warned, e.Warning)
			}
		},
	}})
	require.NoError(t, err)
	r := &rotating{T: t}
	r.jar, err = sealjar.New[struct{ N int }](sealjar.Options{Keys: file, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	var cookie *http.Cookie
	for n := range 5 {
		cookie = r.visit(cookie, countUp)
		require.NotNil(t, cookie)
		require.NoError(t, file.Reload())
		require.Len(t, warned, map[bool]int{true: 1}[n >= 2], "at three, and once")
	}
	require.Equal(t, keys.ReasonSeals, warned[0].Reason)
	require.Equal(t, ring.Sealing(time.Now()).ID(), warned[0].KeyID)
}
