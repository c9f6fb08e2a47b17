package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/sealjartest"
)

func TestCookieIsTakenApart(t *testing.T) {
	v := visit(t, "alice")
	a := read[anatomy](t, v, "demo/cookie")
	require.True(t, a.Present)
	require.Equal(t, v.cookies[cookieName], a.Value)
	require.Equal(t, len(cookieName)+len(a.Value), a.Bytes)
	require.JSONEq(t, `{"alg":"dir","enc":"A256GCM","cty":"JWT","kid":"`+a.Sealing+`"}`, string(a.Header))

	in := a.Inside
	require.Equal(t, []any{"alice", a.Sealing}, []any{in.Subject, in.KeyID})
	require.JSONEq(t, `{"alg":"HS256","typ":"session+jwt","kid":"`+a.Sealing+`"}`, string(in.Header))
	var claims struct{ Sub, Sid string }
	require.NoError(t, json.Unmarshal(in.Claims, &claims))
	require.Equal(t, "alice", claims.Sub)
	require.Equal(t, in.SessionID, claims.Sid)
	require.Equal(t, absolute.Milliseconds(), in.FullSpan)
	require.Equal(t, int64(float64(idle(false).Milliseconds())*(1-renewal)), in.Idle-in.Renewal)
	require.Less(t, in.Idle, in.Absolute)

	again := ask(t, http.MethodGet, v.std+"demo/cookie", "", v.header())
	require.Empty(t, again.Header.Get("Set-Cookie"), "to look at it does not change it")
	require.NotContains(t, v.get(t, v.std), "error")
}

func TestSessionsOfAnotherLength(t *testing.T) {
	defer func(d time.Duration) { absolute = d }(absolute)
	absolute = 12 * time.Second
	in := read[anatomy](t, visit(t, "alice"), "demo/cookie").Inside
	require.Equal(t, []int64{3000, 12_000}, []int64{in.IdleSpan, in.FullSpan})
	require.LessOrEqual(t, in.Idle-time.Now().UnixMilli(), int64(3000))

	absolute = time.Second
	err := run(t.Context(), io.Discard, 0, 0, filepath.Join(t.TempDir(), "keys.json"))
	require.ErrorContains(t, err, "Options.Idle is 250ms: want 1s")
}

func TestCookieIsNotOpenedThatIsRefused(t *testing.T) {
	v := visit(t, "alice")
	value := v.cookies[cookieName]
	for name, cookie := range map[string]string{
		"none": "", "empty": cookieName + "=", "garbage": cookieName + "=garbage", "dots": cookieName + "=....",
		"changed": cookieName + "=" + value[:len(value)-1] + "!",
	} {
		var a anatomy
		body := ask(t, http.MethodGet, v.std+"demo/cookie", "", http.Header{"Cookie": {cookie}}).body
		require.NoError(t, json.Unmarshal([]byte(body), &a), name)
		require.False(t, a.Accepted, name)
		require.Nil(t, a.Inside, name)
	}
	v.post(t, v.std+"signout", "")
	body := ask(t, http.MethodGet, v.std+"demo/cookie", "", http.Header{"Cookie": {cookieName + "=" + value}}).body
	require.Contains(t, body, `"accepted":false`, "revoked")
	require.NotContains(t, body, "inside")
}

// Whatever a client sends, nothing of it is opened that the jar does not accept.
func FuzzTakeApart(f *testing.F) {
	ring := sealjartest.Ring(f)
	jar, err := newQuietJar(ring, nil)
	require.NoError(f, err)
	sealing, err := newJar(ring, nil, silence, nil)
	require.NoError(f, err)
	s, _ := sealing.Load(httptest.NewRequest(http.MethodGet, "/", nil))
	s.Data.Visits = 1
	w := httptest.NewRecorder()
	require.NoError(f, sealing.Save(w, s))
	good := w.Result().Cookies()[0].Value
	s.Data.Fill = strings.Repeat("x", 5000)
	w = httptest.NewRecorder()
	require.NoError(f, sealing.Save(w, s))
	large := w.Result().Cookies()
	require.Len(f, large, 3)
	for _, seed := range []string{good, good + ".", strings.Replace(good, "..", ".x.", 1), "....", "", good[:len(good)-1], "!" + good} {
		f.Add(seed, "", "")
	}
	f.Add(large[0].Value, large[1].Value, large[2].Value)
	f.Add(large[0].Value, large[1].Value, large[2].Value[1:])
	f.Add("4"+large[0].Value[1:], large[1].Value, large[2].Value)
	f.Add("!~", "x", "")
	f.Fuzz(func(t *testing.T, value, second, third string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", cookieName+"="+value+"; "+cookieName+"_1="+second+"; "+cookieName+"_2="+third)
		a := takeApart(r, jar, ring)
		_, err := jar.Load(r)
		require.Equal(t, err == nil, a.Accepted)
		require.Equal(t, a.Accepted, a.Inside != nil)
		_, err = json.Marshal(a)
		require.NoError(t, err)
		_, _ = openLayers(strings.Split(value+"....", ".")[:5], ring)
	})
}
