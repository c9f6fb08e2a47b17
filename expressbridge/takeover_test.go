package expressbridge_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/spill"
)

func TestLiveSessionIsTakenOver(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{
		"at once": expressbridge.AtOnce, "after grace": expressbridge.AfterGrace, "side by side": expressbridge.SideBySide,
	} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, mode(m)), fromNode()
			old := ada.copy()
			var id string
			response := w.visit(ada, func(ctx context.Context, s *session) {
				require.NoError(t, s.Err())
				require.False(t, s.IsNew())
				require.Equal(t, "ada", s.Subject())
				require.Equal(t, data{Views: 3}, s.Data)
				require.NoError(t, w.jar.Check(ctx))
				require.ErrorIs(t, w.jar.CheckRecent(ctx, time.Hour), sealjar.ErrStale, "nobody knows when they signed in")
				id = s.ID()
			})
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Contains(t, ada, "__Host-session")
			require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
			opened := w.told(sealjar.EventOpened)
			require.Len(t, opened, 1)
			require.True(t, opened[0].TakenOver)
			require.Equal(t, "ada", opened[0].Subject)

			wantCalls := map[expressbridge.Mode][]string{
				expressbridge.AtOnce: {"get", "delete"}, expressbridge.AfterGrace: {"get", "update"}, expressbridge.SideBySide: {"get", "update"},
			}
			require.Equal(t, wantCalls[m], w.table.took())
			require.Equal(t, m == expressbridge.SideBySide, ada["connect.sid"] != "", "the old cookie stays only where Node.js goes on")

			w.pass(time.Minute)
			w.visit(ada, func(ctx context.Context, s *session) {
				require.NoError(t, s.Err())
				require.Equal(t, id, s.ID())
				require.Equal(t, "ada", s.Subject())
				require.Equal(t, 3, s.Data.Views)
				require.ErrorIs(t, w.jar.CheckRecent(ctx, time.Hour), sealjar.ErrStale)
				require.NoError(t, s.SignIn(ctx, "ada"))
				require.NoError(t, w.jar.CheckRecent(ctx, time.Hour), "now it is known")
			})
			if m == expressbridge.AtOnce {
				require.Empty(t, w.table.took(), "no more SQL")
				require.Empty(t, w.who(old), "and who comes with the old cookie alone is nobody")
			}
		})
	}
}

func TestNoSQLAfterTheFirstResponse(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{"at once": expressbridge.AtOnce, "after grace": expressbridge.AfterGrace} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, mode(m)), fromNode()
			require.Equal(t, "ada", w.who(ada))
			w.table.took()
			for range 50 {
				w.pass(5 * time.Minute)
				w.visit(ada, func(_ context.Context, s *session) { s.Data.Views++ })
			}
			require.Equal(t, "ada", w.who(ada))
			require.Empty(t, w.table.took())
		})
	}
}

func TestRowDiesAfterGrace(t *testing.T) {
	w, ada := newWorld(t), fromNode()
	lost := ada.copy() // whose response never arrived
	require.Equal(t, "ada", w.who(ada))
	w.pass(50 * time.Second)
	require.Equal(t, "ada", w.who(lost.copy()))
	require.Equal(t, w.now.Add(10*time.Second).Unix(), w.table.rows[sid].expires.Unix(), "which prolongs nothing")
	w.pass(11 * time.Second)
	w.visit(lost, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrExpired) })
	require.Contains(t, lost, "connect.sid", "which is left alone")
}

func TestParallelFirstRequestsGetOneSession(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{"after grace": expressbridge.AfterGrace, "side by side": expressbridge.SideBySide} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, mode(m)), fromNode()
			tabs := []browser{ada.copy(), ada.copy(), ada.copy()}
			ids := make(map[string]bool)
			for _, tab := range tabs {
				w.visit(tab, func(_ context.Context, s *session) { ids[s.ID()] = s.Subject() == "ada" })
			}
			require.Len(t, ids, 1)
			for id, signedIn := range ids {
				require.True(t, signedIn)
				require.NotContains(t, id, sid)
				require.Len(t, id, 22)
			}
			w.visit(tabs[0], func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
			require.Empty(t, w.who(tabs[1]), "so its end ends all of them")
			require.Empty(t, w.who(tabs[2]))
			require.Empty(t, w.table.rows)
		})
	}
}

func TestWhoDoesNotAskCostsNothing(t *testing.T) {
	w, ada := newWorld(t), fromNode()
	w.request(ada, func(http.ResponseWriter, *http.Request) {})
	w.visit(browser{}, func(context.Context, *session) {})
	require.Empty(t, w.table.took())
	require.Equal(t, fromNode(), ada)
}

// A session of the jar with a subject is never replaced, and nothing is asked then.
func TestGoodCookieShadowsExpress(t *testing.T) {
	w, eve := newWorld(t), browser{}
	w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "eve")) })
	eve["connect.sid"] = fromNode()["connect.sid"]
	require.Equal(t, "eve", w.who(eve))
	require.Empty(t, w.table.took())
}

func TestBasketGivesWayToWhoIsSignedIn(t *testing.T) {
	w, visitor := newWorld(t), browser{}
	w.visit(visitor, func(_ context.Context, s *session) { s.Data.Views = 100 })
	visitor["connect.sid"] = fromNode()["connect.sid"]
	w.visit(visitor, func(_ context.Context, s *session) {
		require.Equal(t, "ada", s.Subject())
		require.Equal(t, 3, s.Data.Views)
	})
	require.Equal(t, "ada", w.who(visitor))

	t.Run("and not to one in which nobody is", func(t *testing.T) {
		w, visitor := newWorld(t), browser{}
		w.table.rows[sid] = row{nobody, w.now.Add(time.Hour)}
		w.visit(visitor, func(_ context.Context, s *session) { s.Data.Views = 100 })
		visitor["connect.sid"] = fromNode()["connect.sid"]
		w.visit(visitor, func(_ context.Context, s *session) { require.Equal(t, 100, s.Data.Views) })
	})
	t.Run("nor to one that is dead or broken", func(t *testing.T) {
		for _, r := range []row{{adaInNode, time.Unix(1, 0)}, {"null", time.Unix(1<<40, 0)}} {
			w, visitor := newWorld(t), browser{}
			w.table.rows[sid] = r
			w.visit(visitor, func(_ context.Context, s *session) { s.Data.Views = 100 })
			visitor["connect.sid"] = fromNode()["connect.sid"]
			w.visit(visitor, func(_ context.Context, s *session) {
				require.NoError(t, s.Err())
				require.Equal(t, 100, s.Data.Views)
			})
		}
	})
}

func TestSessionWithoutSubjectIsTakenOver(t *testing.T) {
	w, visitor := newWorld(t), fromNode()
	w.table.rows[sid] = row{nobody, w.now.Add(time.Hour)}
	w.visit(visitor, func(ctx context.Context, s *session) {
		require.Equal(t, 9, s.Data.Views)
		require.ErrorIs(t, w.jar.Check(ctx), sealjar.ErrAnonymous)
	})
	require.Contains(t, visitor, "__Host-session")
}

func TestSkippedSessionIsNone(t *testing.T) {
	w, visitor := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
		o.Import = func(context.Context, expressbridge.Old) (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{}, expressbridge.ErrSkip
		}
	}), fromNode()
	w.visit(visitor, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrNone) })
	require.Empty(t, w.told(sealjar.EventRefused))
	require.Equal(t, fromNode(), visitor)
}

// A panic of the application's own function leaves an anonymous session, which takes the place of nothing.
func TestImportThatPanics(t *testing.T) {
	w, visitor := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
		o.Import = func(context.Context, expressbridge.Old) (expressbridge.Session[data], error) { panic("as asked") }
	}), browser{}
	w.visit(visitor, func(_ context.Context, s *session) { s.Data.Views = 100 })
	visitor["connect.sid"] = fromNode()["connect.sid"]
	held := visitor.copy()
	w.request(visitor, func(_ http.ResponseWriter, r *http.Request) {
		require.Panics(t, func() { w.jar.From(r.Context()) })
	})
	require.Equal(t, held, visitor)
}

// TestParallelFirstRequestsGetOneRow has the sessions in a store. When Ada signed in is not known, so each request has
// another idea of it.
func TestParallelFirstRequestsGetOneRow(t *testing.T) {
	store := new(spill.Memory)
	w, ada := newWorld(t, func(_ *expressbridge.Options[data], o *sealjar.Options) {
		store.Now = o.Now
		o.Spill = spill.Options{Store: store, Always: true}
	}), fromNode()
	tabs := []browser{ada.copy(), ada.copy(), ada.copy()}
	began := make(map[time.Time]bool)
	for i, tab := range tabs {
		response := w.visit(tab, func(_ context.Context, s *session) { s.Data.Views = i })
		require.Equal(t, http.StatusOK, response.StatusCode)
		w.pass(time.Second)
	}
	for _, tab := range tabs {
		w.visit(tab, func(_ context.Context, s *session) {
			require.Equal(t, "ada", s.Subject())
			require.Equal(t, 2, s.Data.Views, "the last one counts")
			began[s.AuthTime()] = true
		})
	}
	require.Len(t, began, 1)
}

// Two jars of one application take the same session over, and what becomes of one of the new sessions is nothing to the
// other.
func TestTwoJarsOfOneList(t *testing.T) {
	w, b := newWorld(t), fromNode()
	shop := w.jar
	w.open(func(_ *expressbridge.Options[data], o *sealjar.Options) { o.Cookie.Name = "__Host-account" })
	account := w.jar
	old, ids := b.copy(), map[string]string{}
	for name, jar := range map[string]*sealjar.Jar[data]{"__Host-session": shop, "__Host-account": account} {
		w.jar = jar
		w.visit(old.copy(), func(_ context.Context, s *session) { ids[name] = s.ID() })
		one := old.copy()
		w.visit(one, func(_ context.Context, s *session) { require.Equal(t, ids[name], s.ID(), "the same each time") })
		b[name] = one[name]
	}
	require.NotEqual(t, ids["__Host-session"], ids["__Host-account"])
	w.jar = shop
	w.visit(b, func(ctx context.Context, s *session) { require.NoError(t, s.Renew(ctx)) })
	w.jar = account
	require.Equal(t, "ada", w.who(b))
}
