package mwtest_test

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/stdmw"
)

// failure answers when a session can't be written.
type failure func(http.ResponseWriter, *http.Request, error)

// stack is one way to put sessions under handlers.
type stack struct {
	name  string
	http2 bool
	echo  bool
	mount func(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler
}

var stacks = []stack{
	{name: "stdmw on HTTP 1.1", mount: mountStd},
	{name: "stdmw on HTTP 2", http2: true, mount: mountStd},
	{name: "echomw v4 on HTTP 1.1", echo: true, mount: mountEcho},
	{name: "echomw v4 on HTTP 2", echo: true, http2: true, mount: mountEcho},
	{name: "echomw v4 before the router", echo: true, mount: mountPre},
	{name: "echomw v4 in a group", echo: true, mount: mountGroup},
	{name: "stdmw under Echo v4", echo: true, mount: mountWrapped},
}

func mountStd(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler {
	return stdmw.New(jar, stdmw.Options{ErrorHandler: fail})(h)
}

func mountEcho(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Use(echomw.WithConfig(echoConfig(jar, fail)))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func mountPre(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Pre(echomw.WithConfig(echoConfig(jar, fail)))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func mountGroup(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler {
	e := newEcho()
	group := e.Group("", echomw.WithConfig(echoConfig(jar, fail)))
	group.Any("/", echo.WrapHandler(h))
	group.Any("/*", echo.WrapHandler(h))
	return e
}

func mountWrapped(jar sealjar.AnyJar, fail failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Use(echo.WrapMiddleware(stdmw.New(jar, stdmw.Options{ErrorHandler: fail})))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func newEcho() *echo.Echo {
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	return e
}

func echoConfig(jar sealjar.AnyJar, fail failure) echomw.Config {
	config := echomw.Config{Jar: jar}
	if fail != nil {
		config.ErrorHandler = func(c echo.Context, err error) error {
			fail(c.Response(), c.Request(), err)
			return nil
		}
	}
	return config
}
