package main

import (
	"fmt"
	"net/http"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
)

func afterEcho(jar *sealjar.Jar[State], list sealjar.Revocation, old []securecookie.Codec) *echo.Echo {
	e := echo.New()
	e.Use(echomw.New(jar), echo.WrapMiddleware(carryOver(jar, list, old)))
	e.GET("/", func(c echo.Context) error {
		s := jar.From(c.Request().Context())
		s.Data.Views++
		for _, flash := range s.Flashes() {
			fmt.Fprintln(c.Response(), flash.Text)
		}
		return c.String(http.StatusOK, fmt.Sprintf("Views %d %s\n", s.Data.Views, s.Subject()))
	})
	e.POST("/signin", func(c echo.Context) error {
		s := jar.From(c.Request().Context())
		if err := s.SignIn(c.Request().Context(), "alice"); err != nil { // after a look at the password
			return echo.ErrServiceUnavailable
		}
		_ = s.Remember(c.FormValue("remember") != "")
		_ = s.AddFlash("info", "Welcome.")
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/signout", func(c echo.Context) error {
		if err := jar.From(c.Request().Context()).End(c.Request().Context()); err != nil {
			return echo.ErrServiceUnavailable
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})
	return e
}
