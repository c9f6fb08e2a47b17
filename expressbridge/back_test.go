package expressbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

func back(subject string, d data) (map[string]any, error) {
	if subject == "" {
		panic("nobody is signed in")
	}
	return map[string]any{"user": map[string]any{"name": subject}, "views": d.Views}, nil
}

func wayBack(o *expressbridge.Options[data], _ *sealjar.Options) {
	o.Mode, o.Back = expressbridge.SideBySide, back
	o.Cookie = expressbridge.Cookie{MaxAge: time.Hour, SameSite: http.SameSiteLaxMode}
}

// only returns the one row that there is.
func (w *world) only() (sid string, values map[string]any, expires time.Time) {
	w.t.Helper()
	require.Len(w.t, w.table.rows, 1)
	for id, r := range w.table.rows {
		require.NoError(w.t, json.Unmarshal([]byte(r.data), &values))
		return id, values, r.expires
	}
	return
}

func TestWayBack(t *testing.T) {
	w, eve := newWorld(t, wayBack), fromNode()
	response := w.visit(eve, func(ctx context.Context, s *session) {
		require.NoError(t, s.SignIn(ctx, "eve"))
		s.Data.Views = 5
	})
	id, values, expires := w.only()
	require.NotEqual(t, sid, id, "the old session is not the new user's")
	require.Len(t, id, 32)
	require.Equal(t, w.now.Add(time.Hour).Unix(), expires.Unix())
	require.Equal(t, map[string]any{
		"user": map[string]any{"name": "eve"}, "views": 5.0,
		"cookie": map[string]any{
			"originalMaxAge": 3600000.0, "expires": "2026-03-14T16:09:26.000Z", "httpOnly": true, "secure": true, "path": "/", "sameSite": "lax",
		},
	}, values)
	require.Contains(t, response.Header["Set-Cookie"],
		"connect.sid="+url.QueryEscape(signed(id, "the new one"))+"; Path=/; Expires=Sat, 14 Mar 2026 16:09:26 GMT; HttpOnly; Secure; SameSite=Lax")
	require.Len(t, response.Header["Set-Cookie"], 2)

	t.Run("a change is written, and nothing else", func(t *testing.T) {
		w.table.took()
		w.visit(eve, func(_ context.Context, s *session) { s.Data.Views = 6 })
		_, values, _ := w.only()
		require.EqualValues(t, 6, values["views"])
		require.Equal(t, []string{"update"}, w.table.took())
		require.Equal(t, "eve", w.who(eve))
		require.Empty(t, w.table.took())
	})
	t.Run("use keeps it alive", func(t *testing.T) {
		for range 5 {
			w.pass(20 * time.Minute)
			require.Equal(t, "eve", w.who(eve))
		}
		_, _, expires := w.only()
		require.Equal(t, w.now.Add(time.Hour).Unix(), expires.Unix())
	})
	t.Run("undone, Express and the bridge know the user by the old cookie", func(t *testing.T) {
		alone := browser{"connect.sid": eve["connect.sid"]}
		require.Equal(t, "eve", w.who(alone))
	})
	t.Run("the end ends both", func(t *testing.T) {
		w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
		require.Empty(t, eve)
		require.Empty(t, w.table.rows)
	})
}

func TestWayBackIsForWhoIsSignedIn(t *testing.T) {
	w, b := newWorld(t, wayBack), browser{}
	w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 1 })
	require.Len(t, w.table.rows, 1)
	require.NotContains(t, b, "connect.sid")
}

func TestRowOfTheWayBackThatNodeRemoves(t *testing.T) {
	w, eve := newWorld(t, wayBack), browser{}
	delete(w.table.rows, sid)
	w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "eve")) })
	id, _, _ := w.only()
	delete(w.table.rows, id)
	w.visit(eve, func(_ context.Context, s *session) { s.Data.Views = 2 })
	require.Empty(t, w.table.rows, "a change does not bring it back")
	w.pass(10 * time.Minute)
	require.Empty(t, w.who(eve))
}

// What is wrong with the way back costs nobody the session.
func TestWayBackThatFails(t *testing.T) {
	for name, change := range map[string]func(*expressbridge.Options[data], *world){
		"the database is down": func(_ *expressbridge.Options[data], w *world) { w.table.fail = errDown },
		"Back fails": func(o *expressbridge.Options[data], _ *world) {
			o.Back = func(string, data) (map[string]any, error) { return nil, errDown }
		},
		"Back can't be encoded": func(o *expressbridge.Options[data], _ *world) {
			o.Back = func(string, data) (map[string]any, error) { return map[string]any{"f": func() {}}, nil }
		},
		"Import says something else": func(o *expressbridge.Options[data], _ *world) {
			o.Back = func(string, data) (map[string]any, error) { return map[string]any{"user": "eve"}, nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open(wayBack, func(o *expressbridge.Options[data], _ *sealjar.Options) { change(o, w) })
			eve := browser{}
			w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "eve")) })
			require.NotContains(t, eve, "connect.sid")
			require.Len(t, w.told(sealjar.EventUnwritten), 1)
			w.table.fail = nil
			w.pass(20 * time.Minute)
			require.Equal(t, "eve", w.who(eve))
		})
	}
	t.Run("or does not want it", func(t *testing.T) {
		w := newWorld(t, wayBack, func(o *expressbridge.Options[data], _ *sealjar.Options) {
			o.Back = func(string, data) (map[string]any, error) { return nil, nil }
		})
		eve := browser{}
		w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "eve")) })
		require.NotContains(t, eve, "connect.sid")
		require.Empty(t, w.told(sealjar.EventUnwritten))
	})
}

// A session that can't be sealed leaves no row that nobody has the cookie of.
func TestWayBackOfASessionThatIsTooLarge(t *testing.T) {
	type large struct{ Text string }
	rows := &table{rows: map[string]row{sid: {nobody, time.Now().Add(time.Hour)}}}
	source, err := expressbridge.New(expressbridge.Options[large]{
		Rows: rows, Secrets: []string{secret}, Mode: expressbridge.SideBySide, OnFailure: expressbridge.Refuse,
		Import: func(_ context.Context, old expressbridge.Old) (session expressbridge.Session[large], err error) {
			session.Subject, _ = old.Values["user"].(string)
			return session, nil
		},
		Back: func(subject string, _ large) (map[string]any, error) { return map[string]any{"user": subject}, nil },
	})
	require.NoError(t, err)
	jar, err := sealjar.New[large](sealjar.Options{Keys: sealjartest.Ring(t), Takeover: source, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	for _, size := range []int{8000, 10} {
		recorder := httptest.NewRecorder()
		stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			s.Data.Text = strings.Repeat("x", size)
			require.NoError(t, s.SignIn(r.Context(), "ada"))
		})).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "https://example.com/", nil))
		if size > 4096 {
			require.Equal(t, http.StatusInternalServerError, recorder.Code)
			require.Contains(t, rows.took(), "delete")
			require.Len(t, rows.rows, 1)
		} else {
			require.Len(t, rows.rows, 2)
		}
	}
}

// Back sees the data as the handlers do, and not in the form in which an older version has sealed it.
func TestWayBackOfDataThatWasMigrated(t *testing.T) {
	type newer struct{ Total int }
	w, b := newWorld(t), browser{}
	w.visit(b, func(ctx context.Context, s *session) {
		require.NoError(t, s.SignIn(ctx, "eve"))
		s.Data.Views = 42
	})
	source, err := expressbridge.New(expressbridge.Options[newer]{
		Rows: w.table, Secrets: []string{secret}, Mode: expressbridge.SideBySide, OnFailure: expressbridge.Refuse,
		Import: func(context.Context, expressbridge.Old) (expressbridge.Session[newer], error) {
			return expressbridge.Session[newer]{Subject: "eve"}, nil
		},
		Back: func(_ string, d newer) (map[string]any, error) { return map[string]any{"total": d.Total}, nil },
	})
	require.NoError(t, err)
	jar, err := sealjar.New[newer](sealjar.Options{
		Keys: w.ring, Now: w.Now, Takeover: source, Version: 1, Logger: slog.New(slog.DiscardHandler),
		Migrate: func(_ int, older []byte) ([]byte, error) {
			return []byte(strings.Replace(string(older), "views", "Total", 1)), nil
		},
	})
	require.NoError(t, err)
	delete(w.table.rows, sid)
	w.pass(15 * time.Minute)
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: b["__Host-session"]})
	stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, 42, jar.From(r.Context()).Data.Total)
	})).ServeHTTP(httptest.NewRecorder(), r)
	_, values, _ := w.only()
	require.EqualValues(t, 42, values["total"])
}

// What Back makes of a session later, or does not, neither ends it nor lets its row run out under somebody who is at work.
func TestWhatIsWrongLaterWithTheWayBackCostsNobodyTheSession(t *testing.T) {
	wrong, user := errors.New("no"), func(subject string) map[string]any { return map[string]any{"user": map[string]any{"name": subject}} }
	for name, later := range map[string]func(subject string) (map[string]any, error){
		"nothing":         func(string) (map[string]any, error) { return nil, nil },
		"an error":        func(string) (map[string]any, error) { return nil, wrong },
		"another subject": func(string) (map[string]any, error) { return user("eve"), nil },
		"nobody":          func(string) (map[string]any, error) { return map[string]any{"views": 1}, nil },
		"too much": func(subject string) (map[string]any, error) {
			values := user(subject)
			values["pad"] = strings.Repeat("x", 2000)
			return values, nil
		},
	} {
		for _, once := range []bool{true, false} {
			w := newWorld(t, wayBack, func(o *expressbridge.Options[data], _ *sealjar.Options) {
				o.Cookie.MaxAge, o.MaxData = 30*time.Minute, 1000
				o.Back = func(subject string, d data) (map[string]any, error) {
					if d.Views > 0 {
						return later(subject)
					}
					return user(subject), nil
				}
			})
			delete(w.table.rows, sid)
			ada := browser{}
			w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "ada")) })
			_, row, _ := w.only()
			for i := range 20 {
				w.pass(5 * time.Minute)
				w.visit(ada, func(_ context.Context, s *session) {
					require.Equal(t, "ada", s.Subject(), "%s, after %d visits", name, i)
					if i == 0 || !once {
						s.Data.Views++
					}
				})
			}
			require.Equal(t, name != "nothing", len(w.told(sealjar.EventUnwritten)) > 0, name)
			_, after, expires := w.only()
			require.Equal(t, row, after, name)
			require.True(t, expires.After(w.now), name)
		}
	}
}

// A page that polls prolongs nothing, and what it changes reaches the row all the same.
func TestPollingThatChangesProlongsNoRow(t *testing.T) {
	w, ada := newWorld(t, wayBack), browser{}
	delete(w.table.rows, sid)
	w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "ada")) })
	_, _, expires := w.only()
	for i := range 20 {
		w.pass(time.Minute)
		w.visitPassively(ada, func(_ context.Context, s *session) { s.Data.Views = i + 1 })
		_, values, until := w.only()
		require.EqualValues(t, i+1, values["views"])
		require.Equal(t, expires.Unix(), until.Unix())
		at, err := time.Parse(time.RFC3339, values["cookie"].(map[string]any)["expires"].(string))
		require.NoError(t, err)
		require.Equal(t, expires.Unix(), at.Unix())
	}
	w.table.rows = map[string]row{}
	w.visitPassively(ada, func(_ context.Context, s *session) { s.Data.Views = 1 })
	require.Empty(t, w.table.rows, "who was signed out at Node stays so")
}
