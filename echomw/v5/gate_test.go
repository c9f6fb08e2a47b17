package echomw_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
)

func TestGate(t *testing.T) {
	signedIn := func(t *testing.T, w *world) *http.Request { return w.request(t, "alice") }
	redirect := func(c *echo.Context, err error) error {
		if errors.Is(err, sealjar.ErrUnavailable) {
			return c.Redirect(http.StatusTemporaryRedirect, "/later")
		}
		return c.Redirect(http.StatusSeeOther, "/signin")
	}
	skip := func(*echo.Context) bool { return true }
	for _, c := range []struct {
		name    string
		request func(t *testing.T, w *world) *http.Request
		config  echomw.GateConfig
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
		{name: "signed in just now", request: signedIn, config: echomw.GateConfig{MaxAge: time.Minute}, status: 200},
		{name: "signed in too long ago: 401", request: func(t *testing.T, w *world) *http.Request {
			r := w.request(t, "alice")
			w.now = w.now.Add(time.Minute + time.Millisecond)
			return r
		}, config: echomw.GateConfig{MaxAge: time.Minute}, status: 401},
		{name: "nobody can tell: 503", request: down, status: 503},
		{name: "a session of nobody, redirected", request: func(t *testing.T, w *world) *http.Request {
			return w.request(t, "")
		}, config: echomw.GateConfig{ErrorHandler: redirect}, status: 303, to: "/signin"},
		{
			name: "nobody can tell, answered in one's own way", request: down, config: echomw.GateConfig{ErrorHandler: redirect},
			status: 307, to: "/later",
		},
		{name: "nobody, on a route that is left out", request: func(t *testing.T, w *world) *http.Request {
			return w.request(t, "")
		}, config: echomw.GateConfig{Skipper: skip}, status: 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			world := newWorld(t)
			request := c.request(t, world)
			passed := false
			c.config.Jar = world.jar
			response := serve(request, func(*echo.Context) error {
				passed = true
				return nil
			}, echomw.New(world.jar), echomw.GateWithConfig(c.config))
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, c.status == http.StatusOK, passed)
			require.Equal(t, c.to, response.Header.Get("Location"))
			require.Empty(t, response.Header["Set-Cookie"], "a gate leaves the cookie alone")
			if c.to == "" && !passed {
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.JSONEq(t, `{"message":"`+http.StatusText(c.status)+`"}`, string(body), "the client does not learn why")
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
		gate := echomw.GateWithConfig(echomw.GateConfig{Jar: world.jar, Passive: passive})
		response := serve(request, func(*echo.Context) error { return nil }, echomw.New(world.jar), gate)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Len(t, response.Header["Set-Cookie"], cookies)
	}
}

func TestANegativeAgeIsRefused(t *testing.T) {
	_, err := echomw.GateConfig{Jar: newWorld(t).jar, MaxAge: -1}.ToMiddleware()
	require.EqualError(t, err, "echomw: GateConfig.MaxAge is negative")
}

func TestAGateOutsideOfTheJarLetsNobodyThrough(t *testing.T) {
	world := newWorld(t)
	pass := func(c *echo.Context) error { return c.String(http.StatusOK, "hello") }
	require.Panics(t, func() { serve(world.request(t, "alice"), pass, echomw.Gate(world.jar), echomw.New(world.jar)) })
}
