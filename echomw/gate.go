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

	// ErrorHandler answers who is not let through, with the reason: errors.Is(err, sealjar.ErrUnavailable) if nobody can
	// tell now, and sealjar.ErrStale if MaxAge is over. Nil means 401 Unauthorized and 503 Service Unavailable. For a page, return
	// echo.NewHTTPError(http.StatusServiceUnavailable) for ErrUnavailable as well, since a sign-in form is no help to somebody who is signed in,
	// and c.Redirect(http.StatusSeeOther, "/signin") for the rest. The reason itself, returned as it is, becomes a 500.
	ErrorHandler func(c echo.Context, err error) error

	// MaxAge, if not 0, lets through only those who signed in at most so long ago, for what asks for more than a session, such as a
	// change of the password.
	MaxAge time.Duration

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
	if config.ErrorHandler == nil {
		config.ErrorHandler = refuse
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if config.Skipper(c) {
				return next(c)
			}
			ctx := c.Request().Context()
			if err := check(ctx); err != nil {
				return config.ErrorHandler(c, err)
			}
			if !config.Passive {
				config.Jar.Touch(ctx)
			}
			return next(c)
		}
	}, nil
}

// refuse says the status and nothing of the reason.
func refuse(c echo.Context, err error) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if errors.Is(err, sealjar.ErrUnavailable) {
		return echo.NewHTTPError(http.StatusServiceUnavailable)
	}
	return echo.NewHTTPError(http.StatusUnauthorized)
}
