package expressbridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/stdmw"
)

var errDown = errors.New("down")

func TestOutageRefuse(t *testing.T) {
	w, ada := newWorld(t), fromNode()
	w.table.fail = errDown
	w.visit(ada, func(ctx context.Context, s *session) {
		require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		require.ErrorIs(t, s.Err(), errDown)
		require.ErrorIs(t, w.jar.Check(ctx), sealjar.ErrUnavailable)
		require.ErrorIs(t, s.SignIn(ctx, "eve"), sealjar.ErrUnavailable)
		s.Data.Views = 1
	})
	require.Len(t, w.told(sealjar.EventRefused), 1)
	require.Equal(t, fromNode(), ada, "and nothing is written")
	w.table.fail = nil
	require.Equal(t, "ada", w.who(ada))

	t.Run("also where a basket is in the jar's cookie", func(t *testing.T) {
		w, visitor := newWorld(t), browser{}
		w.visit(visitor, func(_ context.Context, s *session) { s.Data.Views = 100 })
		visitor["connect.sid"] = fromNode()["connect.sid"]
		held := visitor.copy()
		w.table.fail = errDown
		w.visit(visitor, func(_ context.Context, s *session) {
			require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
			s.Data.Views = 1
		})
		require.Equal(t, held, visitor)
	})
}

func TestOutageAnonymous(t *testing.T) {
	w, ada := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) { o.OnFailure = expressbridge.Anonymous }), fromNode()
	w.table.fail = errDown
	w.visit(ada, func(ctx context.Context, s *session) {
		require.ErrorIs(t, s.Err(), sealjar.ErrNone)
		require.ErrorIs(t, w.jar.Check(ctx), sealjar.ErrNone)
		s.Data.Views = 1
	})
	refused := w.told(sealjar.EventRefused)
	require.Len(t, refused, 1)
	require.ErrorIs(t, refused[0].Err, sealjar.ErrUnavailable)
	require.ErrorIs(t, refused[0].Err, errDown)
	require.Contains(t, ada, "__Host-session")
	require.Contains(t, ada, "connect.sid", "the old cookie is left alone")
	w.visit(ada, func(_ context.Context, s *session) { require.Equal(t, 1, s.Data.Views) })
	w.table.fail = nil
	w.visit(ada, func(_ context.Context, s *session) {
		require.Equal(t, "ada", s.Subject(), "an outage signs nobody out")
		require.Equal(t, 3, s.Data.Views)
	})
}

// What can't be removed is told, and stays where the end of the session finds it.
func TestRemovalThatFails(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{"after grace": expressbridge.AfterGrace, "at once": expressbridge.AtOnce} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, mode(m)), fromNode()
			w.visit(ada, func(_ context.Context, s *session) {
				require.Equal(t, "ada", s.Subject())
				w.table.fail = errDown
			})
			require.Len(t, w.told(sealjar.EventUnwritten), 1)
			require.Contains(t, ada, "__Host-session")
			require.Contains(t, ada, "connect.sid")
			w.table.fail = nil
			w.pass(20 * time.Minute)
			w.visit(ada, func(ctx context.Context, s *session) {
				require.Equal(t, "ada", s.Subject())
				require.NoError(t, s.End(ctx))
			})
			require.Empty(t, w.table.rows)
		})
	}
}

// hanging is a database that never answers by itself.
type hanging struct{ *table }

func (hanging) Get(ctx context.Context, _ string, _ int) ([]byte, time.Time, error) {
	<-ctx.Done()
	return nil, time.Time{}, ctx.Err()
}

func TestDatabaseThatHangs(t *testing.T) {
	w := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
		o.Rows, o.Timeout = hanging{}, time.Millisecond
	})
	w.visit(fromNode(), func(_ context.Context, s *session) {
		require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		require.ErrorIs(t, s.Err(), context.DeadlineExceeded)
	})
}

func TestGatesOfBothFrameworks(t *testing.T) {
	page := func(w *world) map[string]http.Handler {
		std := http.NewServeMux()
		std.Handle("/", stdmw.New(w.jar, stdmw.Options{})(stdmw.Gate(w.jar, stdmw.GateOptions{})(http.HandlerFunc(
			func(out http.ResponseWriter, r *http.Request) {
				_, _ = out.Write([]byte(w.jar.From(r.Context()).Subject()))
			}))))
		e := echo.New()
		e.Use(echomw.New(w.jar), echomw.Gate(w.jar))
		e.GET("/", func(c echo.Context) error { return c.String(200, w.jar.From(c.Request().Context()).Subject()) })
		return map[string]http.Handler{"net/http": std, "Echo": e}
	}
	for name := range page(newWorld(t)) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sideBySide)
			ask := func(cookie string) *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
				r.Header.Set("Cookie", cookie)
				recorder := httptest.NewRecorder()
				page(w)[name].ServeHTTP(recorder, r)
				return recorder
			}
			answer := ask("connect.sid=" + signed(sid, secret))
			require.Equal(t, http.StatusOK, answer.Code)
			require.Equal(t, "ada", answer.Body.String())
			require.Len(t, answer.Header()["Set-Cookie"], 2, "the new one, and the old one for longer")
			require.Equal(t, http.StatusUnauthorized, ask("connect.sid="+signed("other", secret)).Code)
			w.table.fail = errDown
			require.Equal(t, http.StatusServiceUnavailable, ask("connect.sid="+signed(sid, secret)).Code)
		})
	}
}

// careful refuses what its context does not allow any more, as a database's driver does.
type careful struct{ expressbridge.Rows }

func (c careful) Get(ctx context.Context, sid string, most int) ([]byte, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, err
	}
	return c.Rows.Get(ctx, sid, most)
}

func TestClientThatHangsUpIsNoOutage(t *testing.T) {
	w := newWorld(t, sideBySide, func(o *expressbridge.Options[data], _ *sealjar.Options) { o.Rows = careful{o.Rows} })
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	b := fromNode()
	for range 2 {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", nil)
		for name, value := range b {
			r.Header.Add("Cookie", name+"="+value)
		}
		w.serve(b, r, func(_ http.ResponseWriter, r *http.Request) {
			require.Equal(t, "ada", w.jar.From(r.Context()).Subject())
		})
		w.pass(10 * time.Minute)
	}
	require.Empty(t, w.told(sealjar.EventUnwritten))
}

// What Import asks of a database of its own may fail too, and is not the session's fault.
func TestImportThatCanNotTell(t *testing.T) {
	for name, fail := range map[string]func(context.Context) error{
		"says so":         func(context.Context) error { return fmt.Errorf("%w: %w", expressbridge.ErrUnavailable, errDown) },
		"is out of time":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"is out, in text": func(ctx context.Context) error { <-ctx.Done(); return errDown },
	} {
		for _, policy := range []expressbridge.Failure{expressbridge.Refuse, expressbridge.Anonymous} {
			down := true
			w, ada := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
				o.OnFailure, o.Timeout = policy, 20*time.Millisecond
				o.Import = func(ctx context.Context, old expressbridge.Old) (expressbridge.Session[data], error) {
					if down {
						return expressbridge.Session[data]{}, fail(ctx)
					}
					return importAda(ctx, old)
				}
			}), fromNode()
			want := map[expressbridge.Failure]error{expressbridge.Refuse: sealjar.ErrUnavailable, expressbridge.Anonymous: sealjar.ErrNone}[policy]
			w.visit(ada, func(ctx context.Context, s *session) {
				require.ErrorIs(t, s.Err(), want, name)
				require.ErrorIs(t, w.jar.Check(ctx), want, name)
			})
			refused := w.told(sealjar.EventRefused)
			require.Len(t, refused, 1)
			require.ErrorIs(t, refused[0].Err, sealjar.ErrUnavailable)
			down = false
			w.visit(ada, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
		}
	}
}
