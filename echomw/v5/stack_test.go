package echomw_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
	"github.com/sealjar/sealjar/internal/mwtest"
	"github.com/sealjar/sealjar/stdmw"
)

// TestBehaviours runs the table of all middleware.
func TestBehaviours(t *testing.T) {
	mwtest.Run(t,
		mwtest.Stack{Name: "echomw v5 on HTTP 1.1", Echo: true, Mount: mountEcho},
		mwtest.Stack{Name: "echomw v5 on HTTP 2", Echo: true, HTTP2: true, Mount: mountEcho},
		mwtest.Stack{Name: "echomw v5 before the router", Echo: true, Mount: mountPre},
		mwtest.Stack{Name: "echomw v5 in a group", Echo: true, Mount: mountGroup},
		mwtest.Stack{Name: "stdmw under Echo v5", Echo: true, HintsAreFinal: true, Mount: mountWrapped},
	)
}

func mountEcho(jar sealjar.AnyJar, fail mwtest.Failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Use(echomw.WithConfig(echoConfig(jar, fail)))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func mountPre(jar sealjar.AnyJar, fail mwtest.Failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Pre(echomw.WithConfig(echoConfig(jar, fail)))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func mountGroup(jar sealjar.AnyJar, fail mwtest.Failure, h http.Handler) http.Handler {
	e := newEcho()
	group := e.Group("", echomw.WithConfig(echoConfig(jar, fail)))
	group.Any("/", echo.WrapHandler(h))
	group.Any("/*", echo.WrapHandler(h))
	return e
}

func mountWrapped(jar sealjar.AnyJar, fail mwtest.Failure, h http.Handler) http.Handler {
	e := newEcho()
	e.Use(echo.WrapMiddleware(stdmw.New(jar, stdmw.Options{ErrorHandler: fail})))
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func newEcho() *echo.Echo {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	return e
}

func echoConfig(jar sealjar.AnyJar, fail mwtest.Failure) echomw.Config {
	config := echomw.Config{Jar: jar}
	if fail != nil {
		config.ErrorHandler = func(c *echo.Context, err error) error {
			fail(c.Response(), c.Request(), err)
			return nil
		}
	}
	return config
}

func TestEchoBehaviours(t *testing.T) {
	mwtest.RunEcho(t, mwtest.Echo{
		Mount:    mountApp,
		Response: func(c mwtest.EchoContext) mwtest.EchoResponse { return responseOf(c) },
		Status: func(c mwtest.EchoContext) mwtest.EchoStatus {
			r := responseOf(c)
			return mwtest.EchoStatus{Committed: r.Committed, Status: r.Status, Size: r.Size}
		},
		Swap: func(c mwtest.EchoContext, w http.ResponseWriter) http.ResponseWriter {
			r := responseOf(c)
			below := r.ResponseWriter
			r.ResponseWriter = w
			return below
		},
		Error:          func(code int, message string) error { return echo.NewHTTPError(code, message) },
		BodyDump:       lend(middleware.BodyDump(func(*echo.Context, []byte, []byte, error) {})),
		ContextTimeout: lend(middleware.ContextTimeout(time.Hour)),
		Gzip:           lend(middleware.Gzip()),
		Recover:        lend(middleware.Recover()),
	})
}

func responseOf(c mwtest.EchoContext) *echo.Response {
	r, err := echo.UnwrapResponse(c.(*echo.Context).Response())
	if err != nil {
		panic(err)
	}
	return r
}

func mountApp(app mwtest.EchoApp) http.Handler {
	e := newEcho()
	config := echomw.Config{Jar: app.Jar}
	if app.Fail != nil {
		config.ErrorHandler = func(c *echo.Context, err error) error { return app.Fail(c, err) }
	}
	for _, m := range app.Around {
		e.Use(borrow(m))
	}
	e.Use(echomw.WithConfig(config))
	for _, m := range app.Inside {
		e.Use(borrow(m))
	}
	e.GET("/", native(app.Handler))
	if app.Errors != nil {
		e.HTTPErrorHandler = func(c *echo.Context, err error) { app.Errors(c, err) }
	}
	return e
}

func native(h mwtest.EchoHandler) echo.HandlerFunc {
	return func(c *echo.Context) error { return h(c) }
}

func shared(h echo.HandlerFunc) mwtest.EchoHandler {
	return func(c mwtest.EchoContext) error { return h(c.(*echo.Context)) }
}

// borrow and lend make middleware of Echo's out of the table's and back.
func borrow(m mwtest.EchoMiddleware) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc { return native(m(shared(next))) }
}

func lend(m echo.MiddlewareFunc) mwtest.EchoMiddleware {
	return func(next mwtest.EchoHandler) mwtest.EchoHandler { return shared(m(native(next))) }
}
