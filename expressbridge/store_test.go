package expressbridge_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/spill"
)

// stored keeps the jar's sessions in a store.
func stored(store *spill.Memory) func(*expressbridge.Options[data], *sealjar.Options) {
	return func(_ *expressbridge.Options[data], o *sealjar.Options) {
		store.Now = o.Now
		o.Spill = spill.Options{Store: store, Always: true}
	}
}

// Many applications of Express keep the id when somebody signs in. A row of the store is bound to its subject, so the
// two must not share one.
func TestSignInThereUnderTheSameIDWhereSessionsAreStored(t *testing.T) {
	bob := strings.Replace(adaInNode, "ada", "bob", 1)
	for name, first := range map[string]string{"nobody before": nobody, "another subject before": bob} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t, mode(expressbridge.SideBySide), stored(new(spill.Memory))), fromNode()
			w.table.rows[sid] = row{first, w.now.Add(24 * time.Hour)}
			var before, after string
			w.visit(b, func(_ context.Context, s *session) { before = s.ID() })
			w.table.rows[sid] = row{adaInNode, w.now.Add(24 * time.Hour)}
			w.pass(8 * time.Minute)
			for range 2 {
				response := w.visit(b, func(_ context.Context, s *session) { after = s.ID() })
				require.Equal(t, http.StatusOK, response.StatusCode)
				require.Equal(t, "ada", w.who(b))
			}
			require.NotEqual(t, before, after, "as at a sign-in here")
		})
	}
}

// The old cookie is one of the older cookies that must not roll a stored session back.
func TestOldCookieBringsWhatTheStoreHas(t *testing.T) {
	store := new(spill.Memory)
	w, b := newWorld(t, mode(expressbridge.SideBySide), stored(store)), fromNode()
	again := b.copy()
	w.visit(b, func(ctx context.Context, s *session) {
		require.Equal(t, 3, s.Data.Views)
		s.Data.Views = 100
		require.NoError(t, s.SetGroups("staff"))
		require.NoError(t, s.AddFlash("info", "welcome"))
	})
	began := w.now
	w.pass(20 * time.Minute)
	w.visit(again, func(_ context.Context, s *session) {
		require.Equal(t, "ada", s.Subject())
		require.Equal(t, 100, s.Data.Views)
		require.Equal(t, []string{"staff"}, s.Groups())
		require.Len(t, s.Flashes(), 1)
		require.Equal(t, began, s.AuthTime().UTC(), "its absolute lifetime does not start anew")
		s.Data.Views++
	})
	w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 101, s.Data.Views) })
	require.Equal(t, 1, store.Len())

	t.Run("nor what was revoked", func(t *testing.T) {
		require.NoError(t, w.list.Revoke(t.Context(), revocation.Entry{
			Kind: revocation.Group, Name: "staff", Cutoff: w.now, Until: w.now.Add(time.Hour),
		}))
		require.Empty(t, w.who(fromNode()))
	})
}

// anywhere runs a test with sessions in cookies and in a store: a user must not notice which it is.
func anywhere(t *testing.T, test func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options))) {
	t.Run("cookie", func(t *testing.T) {
		t.Parallel()
		test(t, func(*expressbridge.Options[data], *sealjar.Options) {})
	})
	t.Run("store", func(t *testing.T) {
		t.Parallel()
		test(t, stored(new(spill.Memory)))
	})
}

// keep gives Node's session new content, and a day to live.
func (w *world) keep(data string) { w.table.rows[sid] = row{data, w.now.Add(24 * time.Hour)} }

// signedInNow is what an application stores that keeps the time of the sign-in.
func (w *world) signedInNow() string {
	return strings.Replace(adaInNode, `"views"`, fmt.Sprintf(`"signedInAt":%d,"views"`, w.now.UnixMilli()), 1)
}

func TestSignInThereAfterEndAll(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
		w.keep(w.signedInNow())
		require.Equal(t, "ada", w.who(b))
		w.pass(5 * time.Minute)
		require.NoError(t, w.jar.EndAll(t.Context(), "ada"))
		w.pass(5 * time.Minute)
		require.Empty(t, w.who(b))
		w.keep(w.signedInNow())
		w.pass(time.Second)
		for range 10 {
			w.visit(b, func(_ context.Context, s *session) {
				require.NoError(t, s.Err())
				require.Equal(t, "ada", s.Subject())
				s.Data.Views++
			})
			w.pass(20 * time.Minute)
			w.keep(w.table.rows[sid].data)
		}
		w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 13, s.Data.Views) })
	})
}

func TestSignOutThereKeepsNothingForWhoSignsInAgain(t *testing.T) {
	for name, seen := range map[string]bool{"seen here": true, "not seen here": false} {
		t.Run(name, func(t *testing.T) {
			anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
				w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
				w.keep(w.signedInNow())
				w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 100 })
				w.pass(10 * time.Minute)
				w.keep(nobody)
				if seen {
					require.Empty(t, w.who(b))
				} else {
					delete(b, "__Host-session") // which has run out, say
				}
				w.pass(time.Minute)
				signIn := w.now
				w.keep(w.signedInNow())
				for range 2 {
					w.visit(b, func(_ context.Context, s *session) {
						require.Equal(t, "ada", s.Subject())
						require.Equal(t, 3, s.Data.Views)
						require.Equal(t, signIn, s.AuthTime().UTC())
					})
				}
			})
		})
	}
	t.Run("nor where nobody knows when that was", func(t *testing.T) {
		anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
			w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
			w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 100 })
			w.pass(10 * time.Minute)
			w.keep(nobody)
			require.Empty(t, w.who(b))
			w.keep(adaInNode)
			w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 3, s.Data.Views) })
		})
	})
}

// A later sign-in under the same id there is another session here, and has nothing to do with requests of the one before.
func TestSignInThereWhileTheOldSessionWrites(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		for name, first := range map[string]bool{"the old one first": true, "the new one first": false} {
			for _, clock := range []time.Duration{0, time.Second, -time.Second} {
				t.Run(name+" "+clock.String(), func(t *testing.T) {
					w, old := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
					w.keep(w.signedInNow())
					require.Equal(t, "ada", w.who(old))
					w.pass(2 * time.Minute)
					w.keep(w.signedInNow())
					signIn, anew := w.now, fromNode()
					one, other, views := anew, old, 7
					if first {
						one, other, views = old, anew, 100
					}
					response := w.visit(other, func(_ context.Context, s *session) {
						w.visit(one, func(_ context.Context, s *session) { s.Data.Views = views })
						w.pass(clock)
						s.Data.Views = 107 - views
					})
					require.Equal(t, http.StatusOK, response.StatusCode)
					for range 2 {
						w.visit(anew, func(_ context.Context, s *session) {
							require.Equal(t, 7, s.Data.Views)
							require.Equal(t, signIn, s.AuthTime().UTC())
						})
						w.visit(old, func(_ context.Context, s *session) { require.Equal(t, 100, s.Data.Views) })
					}
				})
			}
		}
	})
}

// One of the first requests of a browser may be slow. If it only reads, it takes nothing back of what others do meanwhile.
func TestSlowFirstRequestThatReads(t *testing.T) {
	for _, m := range []expressbridge.Mode{expressbridge.AfterGrace, expressbridge.SideBySide} {
		t.Run(fmt.Sprint("mode ", m), func(t *testing.T) {
			anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
				w, b := newWorld(t, mode(m), where), fromNode()
				slow := b.copy()
				w.visit(slow, func(_ context.Context, s *session) {
					require.Equal(t, 3, s.Data.Views)
					for range 5 {
						w.visit(b, func(_ context.Context, s *session) { s.Data.Views++ })
						w.pass(time.Second)
					}
				})
				w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 8, s.Data.Views) })
			})
		})
	}
}

// Where nobody knows when it was signed in, a session is taken over anew when its absolute lifetime is over: at once, not when
// the row has gone too.
func TestTakenOverAnewAtTheAbsoluteEnd(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		w, b := newWorld(t, mode(expressbridge.SideBySide), where, noList), fromNode()
		w.keep(adaInNode)
		w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 100 })
		began := w.now
		for w.now.Before(began.Add(12*time.Hour + 5*time.Minute)) {
			step := 10 * time.Minute
			if !w.now.Before(began.Add(12*time.Hour - 10*time.Minute)) {
				step = 5 * time.Second
			}
			w.pass(step)
			w.keep(adaInNode)
			require.Equal(t, "ada", w.who(b), "after %v", w.now.Sub(began))
		}
		w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 3, s.Data.Views) })
	})
}

func TestKeyIsDroppedWhileNodeGoesOn(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
		w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 100 })
		w.ring = sealjartest.Ring(t)
		w.open(mode(expressbridge.SideBySide), where)
		for want := 3; want < 6; want++ {
			w.visit(b, func(_ context.Context, s *session) {
				require.Equal(t, "ada", s.Subject())
				require.Equal(t, want, s.Data.Views)
				s.Data.Views++
			})
		}
		require.NotEmpty(t, w.told(sealjar.EventRefused), "of the cookie, or of the row")
	})
}

// Who signs in there takes the place of an anonymous session here, of which nothing comes back after the sign-out.
func TestAnonymousSessionIsReplaced(t *testing.T) {
	for name, end := range map[string]func(w *world, b browser){
		"signed out there": func(w *world, b browser) {
			w.pass(8 * time.Minute)
			w.keep(nobody)
		},
		"signed out here": func(w *world, b browser) {
			w.visit(b, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
			w.keep(nobody)
			b["connect.sid"] = fromNode()["connect.sid"]
		},
		"signed out by the request that takes it over": func(w *world, b browser) {
			copied := fromNode()
			copied["__Host-session"] = b["anonymous"]
			w.visit(copied, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
			w.keep(nobody)
			delete(b, "__Host-session")
		},
	} {
		t.Run(name, func(t *testing.T) {
			anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
				w, b := newWorld(t, mode(expressbridge.SideBySide), where, noList), fromNode()
				w.keep(nobody)
				w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 100 })
				b["anonymous"] = b["__Host-session"]
				w.keep(w.signedInNow())
				w.pass(time.Minute)
				if name != "signed out by the request that takes it over" {
					require.Equal(t, "ada", w.who(b))
				}
				end(w, b)
				w.visit(b, func(_ context.Context, s *session) {
					require.Empty(t, s.Subject())
					require.Equal(t, 9, s.Data.Views)
				})
			})
		})
	}
}

// A session that is renewed by the request that takes it over again leaves no row that the old reference still finds.
func TestRenewOfWhatTheStoreHas(t *testing.T) {
	store := new(spill.Memory)
	w, first := newWorld(t, mode(expressbridge.SideBySide), stored(store), noList), fromNode()
	again := first.copy()
	w.visit(first, func(_ context.Context, s *session) { s.Data.Views = 50 })
	w.visit(again, func(ctx context.Context, s *session) {
		require.Equal(t, 50, s.Data.Views)
		require.NoError(t, s.Renew(ctx))
	})
	require.Equal(t, 1, store.Len())
	w.visit(again, func(_ context.Context, s *session) { require.Equal(t, 50, s.Data.Views) })
}

// To ask whether the old session lives writes the row again, but nothing that another request has changed.
func TestSlowRequestThatAsksAboutTheLink(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
		require.Equal(t, "ada", w.who(b))
		w.pass(8 * time.Minute)
		w.visit(b.copy(), func(_ context.Context, s *session) {
			require.Equal(t, 3, s.Data.Views)
			w.visit(b, func(_ context.Context, s *session) { s.Data.Views = 50 })
			w.pass(time.Second)
		})
		w.visit(b, func(_ context.Context, s *session) { require.Equal(t, 50, s.Data.Views) })
	})
}

// Two jars with one store have two sessions, also when they come at the same time.
func TestTwoJarsOfOneStore(t *testing.T) {
	anywhere(t, func(t *testing.T, where func(*expressbridge.Options[data], *sealjar.Options)) {
		w, b := newWorld(t, mode(expressbridge.SideBySide), where), fromNode()
		shop := w.jar
		w.open(mode(expressbridge.SideBySide), where, func(_ *expressbridge.Options[data], o *sealjar.Options) {
			o.Cookie.Name = "__Host-account"
		})
		account := w.jar
		at := func(jar *sealjar.Jar[data]) { w.jar = jar }
		w.visit(fromNode(), func(_ context.Context, s *session) {
			require.Equal(t, "ada", s.Subject())
			at(shop)
			require.Equal(t, "ada", w.who(fromNode()))
			at(account)
		})
		for want := 3; want < 6; want++ {
			for _, w.jar = range []*sealjar.Jar[data]{shop, account} {
				w.visit(b, func(_ context.Context, s *session) {
					require.Equal(t, "ada", s.Subject())
					require.Equal(t, want, s.Data.Views)
					s.Data.Views++
				})
			}
			w.pass(time.Minute)
		}
		w.visit(b, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
		for _, w.jar = range []*sealjar.Jar[data]{account, shop} {
			w.pass(8 * time.Minute)
			require.Empty(t, w.who(b), "the row of Node is gone")
		}
	})
}

// full is a store that does not write.
type full struct{ *spill.Memory }

func (full) Create(context.Context, string, spill.Row, time.Time) error  { return errDown }
func (full) Replace(context.Context, string, spill.Row, time.Time) error { return errDown }
func (full) Delete(context.Context, string) error                        { return errDown }

// While the store does not write, a page that changes nothing is served to who has not come over yet, too.
func TestTakeoverWhileTheStoreDoesNotWrite(t *testing.T) {
	for _, m := range []expressbridge.Mode{expressbridge.SideBySide, expressbridge.AfterGrace, expressbridge.AtOnce} {
		w, b := newWorld(t, mode(m), func(_ *expressbridge.Options[data], o *sealjar.Options) {
			o.Spill = spill.Options{Store: full{&spill.Memory{Now: o.Now}}, Always: true}
		}), fromNode()
		for range 2 {
			response := w.visit(b, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Empty(t, response.Cookies(), "it is found anew")
			require.Len(t, w.table.rows, 1)
		}
		told := w.told(sealjar.EventUnwritten)
		require.Len(t, told, 2)
		require.ErrorIs(t, told[0].Err, sealjar.ErrUnavailable)
		response := w.visit(b, func(_ context.Context, s *session) { s.Data.Views++ })
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	}
}
