package main

import (
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo-contrib/session"
	"github.com/labstack/echo/v4"
)

func beforeEcho(store sessions.Store) *echo.Echo {
	e := echo.New()
	e.Use(session.Middleware(store))
	e.GET("/", func(c echo.Context) error {
		s, _ := session.Get("shop", c)
		views, _ := s.Values["views"].(int)
		s.Values["views"] = views + 1
		flashes := s.Flashes()
		if err := s.Save(c.Request(), c.Response()); err != nil { // before the first byte
			return err
		}
		for _, flash := range flashes {
			fmt.Fprintln(c.Response(), flash)
		}
		user, _ := s.Values["user"].(string)
		return c.String(http.StatusOK, fmt.Sprintf("Views %d %s\n", views+1, user))
	})
	e.POST("/signin", func(c echo.Context) error {
		s, _ := session.Get("shop", c)
		s.Values["user"] = "alice" // after a look at the password
		s.AddFlash("Welcome.")
		if c.FormValue("remember") == "" {
			s.Options.MaxAge = 0 // until the browser closes
		}
		if err := s.Save(c.Request(), c.Response()); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/signout", func(c echo.Context) error {
		s, _ := session.Get("shop", c)
		s.Options.MaxAge = -1
		if err := s.Save(c.Request(), c.Response()); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})
	return e
}
