package echomw_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type data struct{ Text string }

// list is a revocation list that may be out of reach.
type list struct {
	revocation.Memory
	down bool
}

var errDown = errors.New("the list at 10.0.0.7 does not answer")

func (l *list) Check(ctx context.Context, c revocation.Claims) error {
	if l.down {
		return errDown
	}
	return l.Memory.Check(ctx, c)
}

// world is a jar whose clock and list are in the test's hand.
type world struct {
	jar  *sealjar.Jar[data]
	list list
	now  time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{now: time.Now()}
	jar, err := sealjar.New[data](sealjar.Options{
		Keys: sealjartest.Ring(t), Revocation: &w.list, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now },
	})
	require.NoError(t, err)
	w.jar = jar
	return w
}

// request is one of subject, or of a session without one if that is empty.
func (w *world) request(t *testing.T, subject string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	return sealjartest.WithSession(t, w.jar, r, func(s *sealjar.Session[data]) {
		s.Data.Text = "hello"
		if subject != "" {
			require.NoError(t, s.SignIn(t.Context(), subject))
		}
	})
}

// serve answers r with an Echo that has a route / and the middleware given.
func serve(r *http.Request, handler echo.HandlerFunc, mw ...echo.MiddlewareFunc) *http.Response {
	e := newEcho()
	e.Use(mw...)
	e.GET("/", handler)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Result()
}
