package main

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
)

// echoApp is the application under Echo.
func echoApp(jar *sealjar.Jar[State], base page, csrf *http.CrossOriginProtection) http.Handler {
	e := echo.New()
	sessions := echomw.WithConfig(echomw.Config{Jar: jar, ErrorHandler: func(c echo.Context, err error) error {
		status, text := unsealed(err)
		return c.JSON(status, failure{text})
	}})
	e.Use(echo.WrapMiddleware(csrf.Handler), sessions)
	pages := []string{http.MethodGet, http.MethodHead} // net/http takes the one for the other, Echo does not
	e.Match(pages, "/", func(c echo.Context) error {
		p := base.visit(jar.From(c.Request().Context()))
		c.Response().Header().Add(echo.HeaderVary, "Accept")
		if !wantsHTML(c.Request().Header.Get("Accept")) {
			return c.String(http.StatusOK, p.text())
		}
		html, err := p.html()
		if err != nil {
			return err
		}
		return c.HTML(http.StatusOK, html)
	})
	e.POST("/signin", func(c echo.Context) error {
		ctx := c.Request().Context()
		if err := signIn(ctx, jar.From(ctx), c.FormValue("name"), c.FormValue("remember") != ""); err != nil {
			return echo.NewHTTPError(http.StatusServiceUnavailable).SetInternal(err)
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/signout", func(c echo.Context) error {
		ctx := c.Request().Context()
		if err := signOut(ctx, jar.From(ctx)); err != nil {
			return echo.NewHTTPError(http.StatusServiceUnavailable).SetInternal(err)
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/fill", func(c echo.Context) error {
		if !fill(jar.From(c.Request().Context()), c.FormValue("bytes")) {
			return c.JSON(http.StatusBadRequest, failure{badFill})
		}
		return c.NoContent(http.StatusNoContent)
	})
	e.Match(pages, "/whoami", func(c echo.Context) error {
		status, who := whoAmI(c.Request().Context(), jar, base.Server)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.JSON(status, who)
	})
	members := echomw.Gate(jar)
	e.Match(pages, "/account", func(c echo.Context) error {
		return c.String(http.StatusOK, jar.From(c.Request().Context()).Subject()+"\n")
	}, members)
	return e
}
