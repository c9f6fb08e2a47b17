package stdmw_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/stdmw"
)

func TestGate(t *testing.T) {
	signedIn := func(t *testing.T, w *world) *http.Request { return w.request(t, "alice") }
	redirect := stdmw.GateOptions{Denied: http.RedirectHandler("/signin", http.StatusSeeOther)}
	again := stdmw.GateOptions{MaxAge: time.Minute, Stale: http.RedirectHandler("/password", http.StatusSeeOther)}
	old := func(t *testing.T, w *world) *http.Request {
		r := w.request(t, "alice")
		w.now = w.now.Add(time.Minute + time.Millisecond)
		return r
	}
	maintenance := stdmw.GateOptions{Unavailable: http.RedirectHandler("/later", http.StatusTemporaryRedirect)}
	for _, c := range []struct {
		name    string
		request func(t *testing.T, w *world) *http.Request
		options stdmw.GateOptions
		status  int
		to      string
	}{
		{name: "who is signed in is let through", request: signedIn, status: 200},
		{name: "a session of nobody: 401", request: func(t *testing.T, w *world) *http.Request { return w.request(t, "") }, status: 401},
		{name: "no session: 401", request: func(t *testing.T, w *world) *http.Request {
			r := w.request(t, "")
			r.Header.Del("Cookie")
			return r
		}, status: 401},
		{name: "a forged session: 401", request: func(t *testing.T, w *world) *http.Request {
			r := w.request(t, "")
			r.Header.Set("Cookie", "__Host-session=forged")
			return r
		}, status: 401},
		{name: "an expired session: 401", request: func(t *testing.T, w *world) *http.Request {
			r := w.request(t, "alice")
			w.now = w.now.Add(24 * time.Hour)
			return r
		}, status: 401},
		{name: "a revoked session: 401", request: func(t *testing.T, w *world) *http.Request {
			r := w.request(t, "alice")
			w.now = w.now.Add(time.Second)
			require.NoError(t, w.jar.EndAll(t.Context(), "alice"))
			return r
		}, status: 401},
		{name: "signed in just now", request: signedIn, options: stdmw.GateOptions{MaxAge: time.Minute}, status: 200},
		{name: "signed in too long ago: 401", request: old, options: stdmw.GateOptions{MaxAge: time.Minute}, status: 401},
		{name: "signed in too long ago, redirected", request: old, options: again, status: 303, to: "/password"},
		{name: "not signed in at all, where it must be recent", request: func(t *testing.T, w *world) *http.Request {
			return w.request(t, "")
		}, options: again, status: 401},
		{name: "nobody can tell: 503", request: down, status: 503},
		{name: "a session of nobody, redirected", request: func(t *testing.T, w *world) *http.Request {
			return w.request(t, "")
		}, options: redirect, status: 303, to: "/signin"},
		{name: "nobody can tell: 503, and no redirect to sign in", request: down, options: redirect, status: 503},
		{name: "nobody can tell, answered in one's own way", request: down, options: maintenance, status: 307, to: "/later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			world := newWorld(t)
			request := c.request(t, world)
			passed := false
			gate := stdmw.Gate(world.jar, c.options)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }))
			response := serve(stdmw.New(world.jar, stdmw.Options{})(gate), request)
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, c.status == http.StatusOK, passed)
			require.Equal(t, c.to, response.Header.Get("Location"))
			require.Empty(t, response.Header["Set-Cookie"], "a gate leaves the cookie alone")
			if c.to == "" && !passed {
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, http.StatusText(c.status)+"\n", string(body), "the client does not learn why")
				require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
				require.Empty(t, response.Header["Www-Authenticate"])
			}
		})
	}
}

func down(t *testing.T, w *world) *http.Request {
	r := w.request(t, "alice")
	w.list.down = true
	return r
}

func TestAGateCountsAsActivityUnlessItIsPassive(t *testing.T) {
	for passive, cookies := range map[bool]int{false: 1, true: 0} {
		world := newWorld(t)
		request := world.request(t, "alice")
		world.now = world.now.Add(20 * time.Minute)
		gate := stdmw.Gate(world.jar, stdmw.GateOptions{Passive: passive})
		h := gate(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		response := serve(stdmw.New(world.jar, stdmw.Options{})(h), request)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Len(t, response.Header["Set-Cookie"], cookies)
	}
}

func TestANegativeAgeIsRefused(t *testing.T) {
	require.PanicsWithValue(t, "stdmw: GateOptions.MaxAge is negative", func() {
		stdmw.Gate(newWorld(t).jar, stdmw.GateOptions{MaxAge: -1})
	})
}
