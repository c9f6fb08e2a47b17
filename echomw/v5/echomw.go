package echomw

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/sealjar/sealjar"
)

// Config says how the middleware works.
type Config struct {
	// Skipper leaves out requests. Nil means none.
	Skipper middleware.Skipper

	// Jar is a *sealjar.Jar. Required.
	Jar sealjar.AnyJar

	// ContextKey, if not empty, is where c.Get finds the *sealjar.Session. To put it there, the session of every request is
	// opened and counts as activity; with jar.From(c.Request().Context()) only those are that a handler asks for.
	ContextKey string

	// ErrorHandler answers when a session can't be written, for example because it is too large: errors.Is(err,
	// sealjar.ErrTooLarge). What the handler had written is dropped. Nil, or an error in return, means a plain 500.
	ErrorHandler func(c *echo.Context, err error) error
}

// DefaultConfig is what New adds the jar to.
var DefaultConfig = Config{Skipper: middleware.DefaultSkipper}

// New returns middleware that gives each request its session of jar. For several jars, use it several times. It panics
// if jar is nil.
func New(jar sealjar.AnyJar) echo.MiddlewareFunc {
	config := DefaultConfig
	config.Jar = jar
	return WithConfig(config)
}

// WithConfig is ToMiddleware that panics if the config is wrong.
func WithConfig(config Config) echo.MiddlewareFunc {
	mw, err := config.ToMiddleware()
	if err != nil {
		panic(err)
	}
	return mw
}

// ToMiddleware returns the middleware, or an error that names the field that is wrong.
func (config Config) ToMiddleware() (echo.MiddlewareFunc, error) {
	if config.Jar == nil || reflect.ValueOf(config.Jar).IsZero() {
		return nil, errors.New("echomw: Config.Jar is missing")
	}
	if config.Skipper == nil {
		config.Skipper = DefaultConfig.Skipper
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			if config.Skipper(c) {
				return next(c)
			}
			// Our writer goes below Echo's response, whatever middleware outside has put above it: some of that takes its writer
			// away again before Echo's error handler answers.
			response, err := echo.UnwrapResponse(c.Response())
			if err != nil {
				response = echo.NewResponse(c.Response(), c.Logger())
				c.SetResponse(response)
			}
			w, r, end := config.Jar.Begin(response.ResponseWriter, c.Request(), config.fail(c, response))
			response.ResponseWriter = w
			c.SetRequest(r)
			if config.ContextKey != "" {
				c.Set(config.ContextKey, config.Jar.Any(r.Context()))
			}
			// After an error or a panic the response is still to come, from Echo's error handler or from who recovers: the
			// writer stays, and commits then.
			pending := true
			defer func() { end(pending && !response.Committed) }()
			err = next(c)
			pending = err != nil
			return err
		}
	}, nil
}

// fail lets ErrorHandler answer with a response of its own: the one that c has may write through a compressor or the
// like that is in the middle of what was dropped.
func (config *Config) fail(c *echo.Context, dropped *echo.Response) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, _ *http.Request, err error) {
		before, answer := c.Response(), echo.NewResponse(w, c.Logger())
		c.SetResponse(answer)
		defer c.SetResponse(before)
		if config.ErrorHandler != nil {
			_ = config.ErrorHandler(c, err) // that it failed shows in what it has not answered
		}
		if !answer.Committed {
			http.Error(answer, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
		// For those who log.
		dropped.Committed, dropped.Status, dropped.Size = true, answer.Status, answer.Size
	}
}
