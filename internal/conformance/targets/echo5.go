package targets

import (
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
)

// mountEcho5 puts the site of sealjar under Echo v5.
func mountEcho5(jars []sealjar.AnyJar, routes map[string]http.HandlerFunc) http.Handler {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(middleware.Recover())
	for _, jar := range jars {
		e.Use(echomw.New(jar))
	}
	for path, h := range routes {
		e.Any(path, echo.WrapHandler(h))
	}
	// In Echo's own way: each sets what it is told, as the way "empty" does, and answers.
	set := routes["/respond/empty"]
	e.Any("/respond/error", func(c *echo.Context) error {
		set(c.Response(), c.Request())
		return echo.NewHTTPError(http.StatusTeapot, "teapot")
	})
	e.Any("/respond/length", func(c *echo.Context) error {
		set(c.Response(), c.Request())
		c.Response().Header().Set("Content-Length", "4")
		return c.String(http.StatusOK, "body")
	})
	e.Any("/respond/status", func(c *echo.Context) error {
		if c.QueryParam("code") != "303" {
			routes["/respond/status"](c.Response(), c.Request())
			return nil
		}
		set(c.Response(), c.Request())
		return c.Redirect(http.StatusSeeOther, "/read")
	})
	return e
}
