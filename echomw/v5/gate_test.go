package echomw_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
	"github.com/sealjar/sealjar/internal/mwtest"
)

// TestGate runs the table of all gates.
func TestGate(t *testing.T) {
	to := func(path string) echo.HandlerFunc {
		if path == "" {
			return nil
		}
		return func(c *echo.Context) error { return c.Redirect(http.StatusSeeOther, path) }
	}
	mwtest.RunGate(t, mwtest.Gated{
		Mount: func(jar sealjar.AnyJar, g mwtest.Gate, h http.Handler) http.Handler {
			gate := echomw.GateWithConfig(echomw.GateConfig{
				Jar: jar, Denied: to(g.Denied), Unavailable: to(g.Unavailable), Stale: to(g.Stale), MaxAge: g.MaxAge, Passive: g.Passive,
			})
			e := echo.New()
			e.Use(echomw.New(jar))
			e.GET("/", echo.WrapHandler(h), gate)
			return e
		},
		Body: func(status int) string { return `{"message":"` + http.StatusText(status) + `"}` + "\n" },
	})
}

func TestAGateThatIsSkippedLetsEverybodyThrough(t *testing.T) {
	world, passed := newWorld(t), false
	gate := echomw.GateWithConfig(echomw.GateConfig{Jar: world.jar, Skipper: func(*echo.Context) bool { return true }})
	response := serve(world.request(t, ""), func(*echo.Context) error {
		passed = true
		return nil
	}, echomw.New(world.jar), gate)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.True(t, passed)
}

func TestAGateOutsideOfTheJarLetsNobodyThrough(t *testing.T) {
	world := newWorld(t)
	pass := func(c *echo.Context) error { return c.String(http.StatusOK, "hello") }
	require.Panics(t, func() { serve(world.request(t, "alice"), pass, echomw.Gate(world.jar), echomw.New(world.jar)) })
}

func TestANegativeAgeIsRefused(t *testing.T) {
	_, err := echomw.GateConfig{Jar: newWorld(t).jar, MaxAge: -1}.ToMiddleware()
	require.EqualError(t, err, "echomw: GateConfig.MaxAge is negative")
}
