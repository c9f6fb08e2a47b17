package expressbridge_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

var sideBySide = mode(expressbridge.SideBySide)

func (w *world) visitPassively(b browser, do func(context.Context, *session)) {
	w.t.Helper()
	w.request(b, func(_ http.ResponseWriter, r *http.Request) { do(r.Context(), w.jar.Peek(r.Context())) })
}

func TestRowThatNodeRemovesEndsTheSession(t *testing.T) {
	ways := map[string]func(w *world){
		"deleted": func(w *world) { delete(w.table.rows, sid) },
		"expired": func(w *world) { w.table.rows[sid] = row{adaInNode, w.now} },
		"somebody else's": func(w *world) {
			w.table.rows[sid] = row{strings.Replace(adaInNode, "ada", "eve", 1), w.now.Add(time.Hour)}
		},
		"signed out in itself": func(w *world) { w.table.rows[sid] = row{nobody, w.now.Add(time.Hour)} },
	}
	for name, remove := range ways {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, sideBySide), fromNode()
			require.Equal(t, "ada", w.who(ada))
			remove(w)
			w.pass(7 * time.Minute)
			require.Equal(t, "ada", w.who(ada), "no renewal is due")
			w.pass(time.Minute)
			var known string
			w.visit(ada, func(ctx context.Context, s *session) {
				known = s.Subject()
				if known == "" && s.Err() != nil {
					require.ErrorIs(t, s.Err(), sealjar.ErrRevoked)
					require.ErrorIs(t, w.jar.Check(ctx), sealjar.ErrRevoked)
				}
			})
			require.NotEqual(t, "ada", known)
			w.table.fail = errors.New("down")
			require.NotEqual(t, "ada", w.who(ada), "and does not come back to life in an outage")
		})
	}
}

// A user who changes the session with each request is asked about like any other.
func TestBusySessionIsAskedAboutToo(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	count := func(_ context.Context, s *session) { s.Data.Views++ }
	w.visit(ada, count)
	w.table.took()
	for range 7 {
		w.pass(time.Minute)
		w.visit(ada, count)
	}
	require.Empty(t, w.table.took())
	w.pass(30 * time.Second)
	w.visit(ada, count)
	require.Equal(t, []string{"get", "update"}, w.table.took())
	w.pass(time.Minute)
	w.visit(ada, count)
	require.Empty(t, w.table.took())
}

func TestUseHereKeepsTheRowAlive(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	for range 20 {
		require.Equal(t, "ada", w.who(ada))
		w.pass(20 * time.Minute)
	}
	require.Equal(t, w.now.Add(10*time.Minute).Unix(), w.table.rows[sid].expires.Unix(), "as long after the last use as Express meant")

	t.Run("and a session without maxAge by Expiration", func(t *testing.T) {
		w := newWorld(t, sideBySide, func(o *expressbridge.Options[data], _ *sealjar.Options) { o.Expiration = time.Hour })
		w.table.rows[sid] = row{nobody, w.now.Add(time.Second)}
		w.who(fromNode())
		require.Equal(t, w.now.Add(time.Hour).Unix(), w.table.rows[sid].expires.Unix())
	})
}

// The browser must not drop the cookie while its row lives on.
func TestUseHereKeepsTheCookieAlive(t *testing.T) {
	until := func(response *http.Response) (ends time.Time) {
		for _, c := range response.Cookies() {
			if c.Name == "connect.sid" {
				ends = c.Expires
			}
		}
		return ends
	}
	for name, b := range map[string]browser{"of Node": fromNode(), "of here": {}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, wayBack)
			delete(w.table.rows, sid)
			if len(b) > 0 {
				w.table.rows[sid] = row{adaInNode, w.now.Add(30 * time.Minute)}
			}
			ends := w.now.Add(30 * time.Minute)
			for i := range 20 {
				ends = latest(ends, until(w.visit(b, func(ctx context.Context, s *session) {
					if s.Subject() == "" {
						require.NoError(t, s.SignIn(ctx, "ada"))
					}
					s.Data.Views += i % 3
				})))
				w.pass(20 * time.Minute)
				require.True(t, w.now.Before(ends))
			}
			_, _, expires := w.only()
			require.Equal(t, expires.Unix(), ends.Unix(), "as long as the row")
			require.Equal(t, "ada", w.who(browser{"connect.sid": b["connect.sid"]}))
		})
	}
	t.Run("but for one that ends with the browser", func(t *testing.T) {
		w, b := newWorld(t, sideBySide), fromNode()
		w.table.rows[sid] = row{strings.Replace(adaInNode, "1800000", "null", 1), w.now.Add(time.Hour)}
		for range 5 {
			response := w.visit(b, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
			require.LessOrEqual(t, len(response.Cookies()), 1)
			w.pass(20 * time.Minute)
		}
	})
	t.Run("and one that it has dropped does not come back", func(t *testing.T) {
		w, b := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(b))
		b["connect.sid"] = signed("another", secret)
		w.pass(20 * time.Minute)
		response := w.visit(b, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
		require.Len(t, response.Cookies(), 1)
		require.Equal(t, w.now.Add(30*time.Minute).Unix(), w.table.rows[sid].expires.Unix())
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// A page that polls asks nearly always first, and does not count as use: that must not let the row of somebody run out
// who is at work.
func TestPollingDoesNotLetTheRowRunOut(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	require.Equal(t, "ada", w.who(ada))
	for second := 10; second <= 2*60*60; second += 10 {
		w.pass(10 * time.Second)
		if second%60 == 40 {
			require.Equal(t, "ada", w.who(ada))
			continue
		}
		w.visitPassively(ada, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
	}
	t.Run("nor does it keep one alive", func(t *testing.T) {
		for range 40 {
			w.visitPassively(ada, func(context.Context, *session) {})
			w.pass(time.Minute)
		}
		require.True(t, w.now.After(w.table.rows[sid].expires))
		w.visitPassively(ada, func(_ context.Context, s *session) { require.Empty(t, s.Subject()) })
	})
}

// Who is at work here is asked about often enough that a row does not run out which lives shorter than a session here.
func TestUseKeepsARowAliveThatLivesShorter(t *testing.T) {
	w, ada := newWorld(t, sideBySide, func(_ *expressbridge.Options[data], o *sealjar.Options) { o.Idle = 2 * time.Hour }), fromNode()
	w.table.rows[sid] = row{strings.Replace(adaInNode, "1800000", "300000", 1), w.now.Add(5 * time.Minute)}
	for range 60 {
		require.Equal(t, "ada", w.who(ada))
		w.pass(time.Minute)
	}
	w.pass(5 * time.Minute)
	require.Empty(t, w.who(ada), "who was not, is signed out as Express meant")
}

func TestRenewalByChangesAloneIsAskedAboutToo(t *testing.T) {
	w, ada := newWorld(t, sideBySide, func(_ *expressbridge.Options[data], o *sealjar.Options) { o.Renewal = 1 }), fromNode()
	require.Equal(t, "ada", w.who(ada))
	w.pass(8 * time.Minute)
	w.table.took()
	require.Equal(t, "ada", w.who(ada))
	require.Equal(t, "ada", w.who(ada))
	require.Equal(t, []string{"get", "update"}, w.table.took(), "once, although nothing prolongs the session")
	w.table.rows = map[string]row{}
	w.pass(8 * time.Minute)
	require.Empty(t, w.who(ada))
}

func TestMaxAgeThatNodeChanges(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	require.Equal(t, "ada", w.who(ada))
	w.table.rows[sid] = row{strings.Replace(adaInNode, "1800000", "86400000", 1), w.now.Add(24 * time.Hour)}
	w.pass(8 * time.Minute)
	require.Equal(t, "ada", w.who(ada))
	require.Equal(t, w.now.Add(24*time.Hour).Unix(), w.table.rows[sid].expires.Unix())
}

// A page that polls keeps nobody signed in, here or there.
func TestPollingKeepsNothingAlive(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	require.Equal(t, "ada", w.who(ada))
	end := w.table.rows[sid].expires
	w.table.took()
	for range 29 {
		w.pass(time.Minute)
		w.visitPassively(ada, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
	}
	require.Equal(t, []string{"get", "get", "get"}, w.table.took(), "it asks once in a quarter of the idle time")
	require.Equal(t, end, w.table.rows[sid].expires)
	w.pass(2 * time.Minute)
	w.visitPassively(ada, func(_ context.Context, s *session) { require.Empty(t, s.Subject()) })
}

func TestOutageProlongsNothingAndEndsNothing(t *testing.T) {
	w, ada := newWorld(t, sideBySide), fromNode()
	require.Equal(t, "ada", w.who(ada))
	w.table.fail = errors.New("down")
	w.pass(10 * time.Minute)
	w.told("")
	w.visit(ada, func(_ context.Context, s *session) {
		require.Equal(t, "ada", s.Subject())
		s.Data.Views = 50
	})
	told := w.told(sealjar.EventUnwritten)
	require.Len(t, told, 1)
	require.ErrorIs(t, told[0].Err, sealjar.ErrUnavailable)
	w.pass(19 * time.Minute)
	w.visit(ada, func(_ context.Context, s *session) { require.Equal(t, 50, s.Data.Views) })
	held := ada.copy()
	w.pass(2 * time.Minute)
	require.Empty(t, w.who(held), "the end is where it was")
}

// Who signs in at Node.js after a visit here as nobody is signed in here too, whether Express gives the session a new id or not.
func TestSignInAtNodeIsSeen(t *testing.T) {
	w, b := newWorld(t, sideBySide), fromNode()
	w.table.rows[sid] = row{nobody, w.now.Add(time.Hour)}
	require.Empty(t, w.who(b))
	w.table.rows[sid] = row{adaInNode, w.now.Add(time.Hour)}
	require.Equal(t, "ada", w.who(b))

	w, b = newWorld(t, sideBySide), browser{}
	w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 1 })
	b["connect.sid"] = fromNode()["connect.sid"]
	require.Equal(t, "ada", w.who(b))
}

// Ada signs out at Node, and somebody else signs in there, in the same browser: her session here ends soon.
func TestAnotherUserOfTheBrowser(t *testing.T) {
	w, b := newWorld(t, sideBySide), fromNode()
	require.Equal(t, "ada", w.who(b))
	w.pass(time.Minute)
	w.table.took()
	require.Equal(t, "ada", w.who(b))
	require.Empty(t, w.table.took(), "nothing is asked as long as the browser has her session there")

	delete(w.table.rows, sid)
	w.table.rows["bobs"] = row{`{"cookie":{"originalMaxAge":1800000},"user":{"name":"bob"}}`, w.now.Add(30 * time.Minute)}
	b["connect.sid"] = signed("bobs", secret)
	require.Equal(t, "bob", w.who(b))
	require.Equal(t, "bob", w.who(b))

	t.Run("or nobody", func(t *testing.T) {
		w, b := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(b))
		w.pass(10 * time.Second)
		delete(w.table.rows, sid)
		b["connect.sid"] = signed("nobodys", secret)
		require.Empty(t, w.who(b))
	})
	t.Run("or it is no session of Node", func(t *testing.T) {
		w, b := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(b))
		b["connect.sid"] = signed("bobs", "another secret")
		w.table.took()
		require.Equal(t, "ada", w.who(b))
		require.Empty(t, w.table.took())
	})
	t.Run("or both are there", func(t *testing.T) {
		w, b := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(b))
		w.pass(time.Minute)
		b["connect.sid"] = signed("bobs", secret)
		require.Equal(t, "ada", w.who(b))
		w.table.took()
		for range 9 {
			w.pass(time.Second)
			require.Equal(t, "ada", w.who(b))
		}
		require.Empty(t, w.table.took(), "it is not asked about with each request")
	})
}

func TestNodeIsSwitchedOff(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{"after grace": expressbridge.AfterGrace, "at once": expressbridge.AtOnce} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t, sideBySide), fromNode()
			require.Equal(t, "ada", w.who(ada))
			w.open(mode(m))
			w.pass(10 * time.Minute)
			parallel := ada.copy()
			require.Equal(t, "ada", w.who(ada))
			require.Equal(t, "ada", w.who(parallel))
			require.NotContains(t, ada, "connect.sid")
			require.Equal(t, w.now.Add(time.Minute).Unix(), w.table.rows[sid].expires.Unix())
			w.pass(10 * time.Minute)
			delete(w.table.rows, sid)
			require.Equal(t, "ada", w.who(ada))
			w.table.took()
			for range 5 {
				w.pass(10 * time.Minute)
				require.Equal(t, "ada", w.who(ada))
			}
			require.Empty(t, w.table.took())
		})
	}
	t.Run("and a row that is about to die is not prolonged", func(t *testing.T) {
		w, ada := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(ada))
		w.open()
		w.pass(10 * time.Minute)
		end := w.now.Add(5 * time.Second)
		w.table.rows[sid] = row{adaInNode, end}
		require.Equal(t, "ada", w.who(ada))
		require.Equal(t, end.Unix(), w.table.rows[sid].expires.Unix())
	})
	t.Run("and a response lost that let the row expire", func(t *testing.T) {
		w, ada := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(ada))
		w.open()
		w.pass(10 * time.Minute)
		require.Equal(t, "ada", w.who(ada.copy()))
		w.pass(2 * time.Minute)
		require.True(t, w.now.After(w.table.rows[sid].expires))
		require.Equal(t, "ada", w.who(ada))
		w.table.took()
		w.pass(10 * time.Minute)
		require.Equal(t, "ada", w.who(ada))
		require.Empty(t, w.table.took())
	})
	t.Run("but who signed out there is signed out", func(t *testing.T) {
		for name, end := range map[string]func(w *world){
			"the row is gone":      func(w *world) { delete(w.table.rows, sid) },
			"somebody else's, old": func(w *world) { w.table.rows[sid] = row{strings.Replace(adaInNode, "ada", "bob", 1), w.now} },
		} {
			t.Run(name, func(t *testing.T) {
				w, ada := newWorld(t, sideBySide), fromNode()
				require.Equal(t, "ada", w.who(ada))
				end(w)
				w.open()
				w.pass(10 * time.Minute)
				require.Empty(t, w.who(ada))
			})
		}
	})
	t.Run("and the bridge taken away", func(t *testing.T) {
		w, ada := newWorld(t, sideBySide), fromNode()
		require.Equal(t, "ada", w.who(ada))
		jar, err := sealjar.New[data](sealjar.Options{Keys: w.ring, Now: w.Now, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		w.jar = jar
		w.table.took()
		for range 5 {
			w.pass(10 * time.Minute)
			w.visit(ada, func(ctx context.Context, s *session) {
				require.Equal(t, "ada", s.Subject())
				require.ErrorIs(t, w.jar.CheckRecent(ctx, 24*time.Hour), sealjar.ErrStale)
			})
		}
		require.Empty(t, w.table.took())
	})
}

// Node.js keeps the row alive while nobody comes here, and a renewal here must not have signed the user out by that.
func TestWorkAtNodeAfterARenewalHere(t *testing.T) {
	node := func(w *world) { // for longer than a session lives here
		w.pass(2 * time.Hour)
		w.table.rows[sid] = row{adaInNode, w.now.Add(30 * time.Minute)}
	}
	first := func(w *world) browser {
		ada := fromNode()
		w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.Renew(ctx)) })
		node(w)
		return ada
	}
	t.Run("is taken over again", func(t *testing.T) {
		w := newWorld(t, sideBySide)
		ada := first(w)
		ids := map[string]bool{}
		for range 3 {
			require.Equal(t, "ada", w.who(ada))
			w.visit(ada, func(ctx context.Context, s *session) {
				ids[s.ID()] = true
				require.NoError(t, s.Renew(ctx))
			})
			require.Equal(t, "ada", w.who(ada))
			node(w)
		}
		require.Len(t, ids, 3)
		require.Equal(t, "ada", w.who(browser{"connect.sid": ada["connect.sid"]}))
	})
	t.Run("and its end ends all that came of the old cookie", func(t *testing.T) {
		w := newWorld(t, sideBySide)
		ada := first(w)
		kept := w.table.rows[sid]
		second := browser{"connect.sid": ada["connect.sid"]}
		require.Equal(t, "ada", w.who(second))
		require.Equal(t, "ada", w.who(ada))
		old := ada.copy()
		w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
		w.table.rows[sid] = kept
		for _, b := range []browser{old, second, fromNode()} {
			w.visit(b, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
		}
	})
	t.Run("also if the request that takes it over again ends it", func(t *testing.T) {
		w := newWorld(t, sideBySide)
		ada := first(w)
		kept := w.table.rows[sid]
		w.visit(ada, func(ctx context.Context, s *session) {
			require.Equal(t, "ada", s.Subject())
			require.NoError(t, s.End(ctx))
		})
		w.table.rows[sid] = kept
		w.visit(fromNode(), func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
	})
	t.Run("is refused when the subject was ended", func(t *testing.T) {
		w := newWorld(t, sideBySide)
		ada := first(w)
		require.NoError(t, w.jar.EndAll(context.Background(), "ada"))
		w.pass(time.Minute)
		w.visit(ada, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
	})
	t.Run("is refused when the others were ended", func(t *testing.T) {
		w, ada := newWorld(t, sideBySide), fromNode()
		w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, w.jar.EndOthers(ctx, s)) })
		require.Equal(t, "ada", w.who(ada))
		node(w)
		w.visit(ada, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
	})
	t.Run("is refused when Node.js has been switched off", func(t *testing.T) {
		w := newWorld(t)
		ada, old := fromNode(), fromNode()
		w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.Renew(ctx)) })
		w.visit(old, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
	})
}
