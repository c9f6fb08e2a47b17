package sealjar_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/stdmw"
)

// subjectHandler is a slog handler as many applications have one: it adds who is signed in to each line.
type subjectHandler struct {
	slog.Handler
	subject func(context.Context) string
	lines   *[]string
}

func (h subjectHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	_ = h.subject(ctx)
	return true
}

func (h subjectHandler) Handle(ctx context.Context, r slog.Record) error {
	*h.lines = append(*h.lines, r.Message+" "+h.subject(ctx))
	return nil
}

// A logger and an observer may look into the session of the request that they are told about.
func TestEventsAreToldWithoutALock(t *testing.T) {
	shop, v := newShop(t), visitor{}
	var jar *sealjar.Jar[basket]
	var lines []string
	subject := func(ctx context.Context) string { return jar.Peek(ctx).Subject() }
	jar = jarOf[basket](t, shop, func(o *sealjar.Options) {
		o.Logger = slog.New(subjectHandler{slog.DiscardHandler, subject, &lines})
		o.Observe = func(e sealjar.Event) { _ = subject(e.Context) }
	})
	v["__Host-session"] = "garbage"
	signIn(t, v, jar, "ada")
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.Renew(ctx))
		require.NoError(t, s.End(ctx))
	})
	require.Equal(t, []string{
		"session refused ", "session sealed ada", "session opened ada", "session ended ada",
	}, lines)
}

// What a handler did to the session and then failed to answer is not lost in silence.
func TestChangesWithoutAResponseAreTold(t *testing.T) {
	for name, serve := range map[string]func(jar *sealjar.Jar[basket]) http.Handler{
		"a panic with a recoverer outside": func(jar *sealjar.Jar[basket]) http.Handler {
			inner := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_ = jar.From(r.Context()).SignIn(r.Context(), "ada")
				panic("broken")
			}))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { _ = recover(); w.WriteHeader(http.StatusInternalServerError) }()
				inner.ServeHTTP(w, r)
			})
		},
		"an error that Echo middleware swallows": func(jar *sealjar.Jar[basket]) http.Handler {
			e := echo.New()
			e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error { _ = next(c); return nil }
			}, echomw.New(jar))
			e.GET("/", func(c echo.Context) error {
				_ = jar.From(c.Request().Context()).SignIn(c.Request().Context(), "ada")
				return errors.New("broken")
			})
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan sealjar.Event, 1)
			jar := jarOf[basket](t, newShop(t), func(o *sealjar.Options) {
				o.Observe = func(e sealjar.Event) {
					if e.Kind == sealjar.EventUnwritten {
						told <- e
					}
				}
			})
			server := httptest.NewServer(serve(jar))
			defer server.Close()
			response, err := http.Get(server.URL)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Empty(t, response.Header["Set-Cookie"])
			event := <-told
			require.ErrorContains(t, event.Err, "no response was written through the jar's middleware")
			require.Equal(t, "ada", event.Subject)
		})
	}
}
