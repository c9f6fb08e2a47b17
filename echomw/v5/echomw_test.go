package echomw_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
)

func TestNoJarRefused(t *testing.T) {
	var typed *sealjar.Jar[data]
	for name, jar := range map[string]sealjar.AnyJar{"nil": nil, "nil of a type": typed} {
		t.Run(name, func(t *testing.T) {
			_, err := echomw.Config{Jar: jar}.ToMiddleware()
			require.EqualError(t, err, "echomw: Config.Jar is missing")
			_, err = echomw.GateConfig{Jar: jar}.ToMiddleware()
			require.EqualError(t, err, "echomw: GateConfig.Jar is missing")
			require.PanicsWithError(t, "echomw: Config.Jar is missing", func() { echomw.New(jar) })
			require.PanicsWithError(t, "echomw: Config.Jar is missing", func() { echomw.WithConfig(echomw.Config{Jar: jar}) })
			require.PanicsWithError(t, "echomw: GateConfig.Jar is missing", func() { echomw.Gate(jar) })
			require.PanicsWithError(t, "echomw: GateConfig.Jar is missing", func() { echomw.GateWithConfig(echomw.GateConfig{Jar: jar}) })
		})
	}
}

func TestTheDefaultSkipsNothing(t *testing.T) {
	require.NotNil(t, echomw.DefaultConfig.Skipper)
	require.False(t, echomw.DefaultConfig.Skipper(nil))
	require.Nil(t, echomw.DefaultConfig.Jar)
	require.Empty(t, echomw.DefaultConfig.ContextKey)
}

func TestASessionPassesFromRequestToRequest(t *testing.T) {
	world := newWorld(t)
	response := serve(world.request(t, "alice"), func(c *echo.Context) error {
		s := world.jar.From(c.Request().Context())
		require.Equal(t, "alice", s.Subject())
		return c.String(http.StatusOK, s.Data.Text)
	}, echomw.New(world.jar))
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "hello", string(body))
}

func TestSkipperLeavesTheRequestAsItIs(t *testing.T) {
	world := newWorld(t)
	mw := echomw.WithConfig(echomw.Config{Jar: world.jar, Skipper: func(*echo.Context) bool { return true }})
	request := world.request(t, "alice")
	response := serve(request, func(c *echo.Context) error {
		require.Same(t, request, c.Request())
		require.Panics(t, func() { world.jar.From(c.Request().Context()) })
		return c.NoContent(http.StatusNoContent)
	}, mw)
	require.Equal(t, http.StatusNoContent, response.StatusCode)
}

func TestContextKey(t *testing.T) {
	world := newWorld(t)
	mw := echomw.WithConfig(echomw.Config{Jar: world.jar, ContextKey: "session"})
	response := serve(world.request(t, "alice"), func(c *echo.Context) error {
		s := c.Get("session").(*sealjar.Session[data])
		require.Same(t, world.jar.From(c.Request().Context()), s)
		s.Data.Text = "changed"
		return nil
	}, mw)
	require.Len(t, response.Header["Set-Cookie"], 1)

	response = serve(world.request(t, "alice"), func(c *echo.Context) error {
		require.Nil(t, c.Get("session"))
		return nil
	}, echomw.New(world.jar))
	require.Empty(t, response.Header["Vary"], "without a key, nobody has asked for the session")
}

func TestErrorHandler(t *testing.T) {
	fill := func(world *world) echo.HandlerFunc {
		return func(c *echo.Context) error {
			world.jar.From(c.Request().Context()).Data.Text = strings.Repeat("x", 5000)
			return c.String(http.StatusOK, "the handler's")
		}
	}
	for _, c := range []struct {
		name    string
		handler func(c *echo.Context, err error) error
		status  int
		body    string
	}{
		{"none: 500", nil, 500, "Internal Server Error\n"},
		{"one that answers", func(c *echo.Context, err error) error {
			if !errors.Is(err, sealjar.ErrTooLarge) {
				return err
			}
			return c.String(http.StatusInsufficientStorage, "too much")
		}, 507, "too much"},
		{"one that returns an error: 500", func(_ *echo.Context, err error) error { return err }, 500, "Internal Server Error\n"},
		{"one that does nothing: 500", func(*echo.Context, error) error { return nil }, 500, "Internal Server Error\n"},
		{"one that answers and then returns an error", func(c *echo.Context, err error) error {
			return errors.Join(c.String(http.StatusInsufficientStorage, "too much"), err)
		}, 507, "too much"},
		{"one that leaves it to Echo's error handler", func(c *echo.Context, _ error) error {
			c.Echo().HTTPErrorHandler(c, echo.NewHTTPError(http.StatusInsufficientStorage, "too much"))
			return nil
		}, 507, `{"message":"too much"}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			world := newWorld(t)
			var after http.ResponseWriter
			spy := func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					before := c.Response()
					err := next(c)
					after = c.Response()
					require.Same(t, before, after, "the response of the context is its own again")
					return err
				}
			}
			mw := echomw.WithConfig(echomw.Config{Jar: world.jar, ErrorHandler: c.handler})
			response := serve(world.request(t, ""), fill(world), spy, mw)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, c.body, string(body))
			require.Empty(t, response.Header["Set-Cookie"])
			logged, err := echo.UnwrapResponse(after)
			require.NoError(t, err)
			require.Equal(t, c.status, logged.Status)
			require.EqualValues(t, len(c.body), logged.Size)
		})
	}
}

// TestTheAdapterIsThin : all that is worth a test of its own is in the core, which other adapters share.
func TestTheAdapterIsThin(t *testing.T) {
	for _, name := range []string{"echomw.go", "gate.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Less(t, strings.Count(string(text), "\n"), 120, name)
	}
}
