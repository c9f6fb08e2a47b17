package echomw_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/echomw/v5"
)

// opaque is a writer of middleware that does not know of Unwrap.
type opaque struct{ http.ResponseWriter }

func hiding(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		c.SetResponse(opaque{c.Response()})
		return next(c)
	}
}

// TestMiddlewareOutsideThatReplacesTheWriter : Gzip takes its writer away when an error has come, before Echo's error handler
// answers, and HEAD of a route for GET has Echo put one of its own around the middleware of the route.
func TestMiddlewareOutsideThatReplacesTheWriter(t *testing.T) {
	for _, c := range []struct {
		name    string
		outside echo.MiddlewareFunc
		err     error
		status  int
	}{
		{"Gzip, and a page", middleware.Gzip(), nil, http.StatusAccepted},
		{"Gzip, and an error", middleware.Gzip(), echo.ErrNotFound, http.StatusNotFound},
		{"BodyDump, and an error", middleware.BodyDump(func(*echo.Context, []byte, []byte, error) {}), echo.ErrNotFound, http.StatusNotFound},
		{"one that can't be unwrapped, and a page", hiding, nil, http.StatusAccepted},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(c.name+", "+method, func(t *testing.T) {
				world := newWorld(t)
				e := echo.NewWithConfig(echo.Config{Router: echo.NewRouter(echo.RouterConfig{AutoHandleHEAD: true})})
				e.GET("/", func(ctx *echo.Context) error {
					world.jar.From(ctx.Request().Context()).Data.Text = "changed"
					if c.err != nil {
						return c.err
					}
					return ctx.String(http.StatusAccepted, "hello")
				}, c.outside, echomw.New(world.jar))
				request := httptest.NewRequestWithContext(t.Context(), method, "/", nil)
				request.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				e.ServeHTTP(w, request)
				require.Equal(t, c.status, w.Code)
				require.Len(t, w.Result().Header["Set-Cookie"], 1)
			})
		}
	}
}
