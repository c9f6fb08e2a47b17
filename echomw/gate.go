package echomw

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/sealjar/sealjar"
)

// GateConfig says whom a gate asks, and what it does with those it does not let through.
type GateConfig struct {
	// Skipper leaves out requests. Nil means none.
	Skipper middleware.Skipper

	// Jar is a *sealjar.Jar. Required.
	Jar sealjar.AnyJar

	// Denied answers a request of nobody who is signed in. Nil means 401 Unauthorized; for a page, return something like
	// c.Redirect(http.StatusSeeOther, "/signin").
	//
	// A jar that takes tokens from Authorization adds WWW-Authenticate to a 401, also to yours: see sealjar.Options.Header.
	Denied echo.HandlerFunc

	// Unavailable answers a request of which nobody can tell now whether it is signed in. Nil means 503 Service Unavailable,
	// since a sign-in form is no help to somebody who is signed in.
	Unavailable echo.HandlerFunc

	// MaxAge, if not 0, lets through only those who signed in at most so long ago, for what asks for more than a
	// session, such as a change of the password.
	MaxAge time.Duration

	// Stale answers who is signed in, but longer ago than MaxAge. Nil means Denied; for a page, redirect to a form that
	// asks for the password again and calls SignIn.
	Stale echo.HandlerFunc

	// Passive keeps a request that passes the gate from counting as activity, for routes that a page polls.
	Passive bool
}

// Gate returns middleware that lets through who is signed in. Use it inside of the jar's middleware. It panics if jar is nil.
func Gate(jar sealjar.AnyJar) echo.MiddlewareFunc { return GateWithConfig(GateConfig{Jar: jar}) }

// GateWithConfig is ToMiddleware that panics if the config is wrong.
func GateWithConfig(config GateConfig) echo.MiddlewareFunc {
	mw, err := config.ToMiddleware()
	if err != nil {
		panic(err)
	}
	return mw
}

// ToMiddleware returns the gate, or an error that names the field that is wrong.
func (config GateConfig) ToMiddleware() (echo.MiddlewareFunc, error) {
	if config.Jar == nil || reflect.ValueOf(config.Jar).IsZero() {
		return nil, errors.New("echomw: GateConfig.Jar is missing")
	}
	if config.MaxAge < 0 {
		return nil, errors.New("echomw: GateConfig.MaxAge is negative")
	}
	check := config.Jar.Check
	if config.MaxAge > 0 {
		check = func(ctx context.Context) error { return config.Jar.CheckRecent(ctx, config.MaxAge) }
	}
	if config.Skipper == nil {
		config.Skipper = middleware.DefaultSkipper
	}
	if config.Denied == nil {
		config.Denied = refuse(http.StatusUnauthorized)
	}
	if config.Unavailable == nil {
		config.Unavailable = refuse(http.StatusServiceUnavailable)
	}
	if config.Stale == nil {
		config.Stale = config.Denied
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if config.Skipper(c) {
				return next(c)
			}
			ctx := c.Request().Context()
			switch err := check(ctx); {
			case errors.Is(err, sealjar.ErrUnavailable):
				return config.Unavailable(c)
			case errors.Is(err, sealjar.ErrStale):
				return config.Stale(c)
			case err != nil:
				return config.Denied(c)
			}
			if !config.Passive {
				config.Jar.Touch(ctx)
			}
			return next(c)
		}
	}, nil
}

// refuse says the status and nothing of the reason. The jar adds WWW-Authenticate to a 401 where there is a scheme for it.
func refuse(status int) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return echo.NewHTTPError(status)
	}
}
