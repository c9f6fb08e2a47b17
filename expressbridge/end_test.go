package expressbridge_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

// Who has signed out does not come back with the old cookie, in whatever mode, with a list or without.
func TestSignedOutStaysSignedOut(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{
		"at once": expressbridge.AtOnce, "after grace": expressbridge.AfterGrace, "side by side": expressbridge.SideBySide,
	} {
		for list, change := range map[string]func(*expressbridge.Options[data], *sealjar.Options){
			"with a list": func(*expressbridge.Options[data], *sealjar.Options) {}, "without": noList,
		} {
			for when, wait := range map[string]time.Duration{"in the same request": -1, "at once": 0, "later": 20 * time.Minute} {
				t.Run(name+" "+list+" "+when, func(t *testing.T) {
					w, ada := newWorld(t, mode(m), change), fromNode()
					old := ada.copy()
					if wait >= 0 {
						require.Equal(t, "ada", w.who(ada))
						w.pass(wait)
					}
					response := w.visit(ada, func(ctx context.Context, s *session) {
						require.Equal(t, "ada", s.Subject())
						require.NoError(t, s.End(ctx))
						require.Empty(t, s.Subject())
						require.Empty(t, s.Data)
					})
					require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
					require.Empty(t, ada, "both cookies are gone")
					require.Empty(t, w.who(old.copy()))
					if wait <= 0 || m == expressbridge.SideBySide {
						require.Empty(t, w.table.rows)
					}
				})
			}
		}
	}
}

// The row is asked for by the old cookie, so a list that knows the derived id is what keeps a row out that comes back.
func TestRevokedIDRefusesARowThatComesBack(t *testing.T) {
	w, ada := newWorld(t), fromNode()
	kept := w.table.rows[sid]
	w.visit(ada, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) })
	w.table.rows[sid] = kept // Node.js has saved the session at the end of a slow request
	w.visit(fromNode(), func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
}

func TestEverywhereIsEverywhere(t *testing.T) {
	t.Run("a session of unknown age is refused", func(t *testing.T) {
		w := newWorld(t)
		require.NoError(t, w.jar.EndAll(context.Background(), "ada"))
		w.pass(time.Hour)
		w.table.rows[sid] = row{adaInNode, w.now.Add(time.Hour)}
		w.visit(fromNode(), func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrRevoked) })
	})
	for name, c := range map[string]struct {
		after time.Duration
		want  string
	}{"one from before is refused": {-time.Minute, ""}, "one from after is allowed": {time.Minute, "ada"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.NoError(t, w.jar.EndAll(context.Background(), "ada"))
			at := w.now.Add(c.after).UnixMilli()
			w.pass(2 * time.Minute)
			w.table.rows[sid] = row{strings.Replace(adaInNode, `"views"`, `"signedInAt":`+strconv.FormatInt(at, 10)+`,"views"`, 1), w.now.Add(time.Hour)}
			require.Equal(t, c.want, w.who(fromNode()))
		})
	}
	t.Run("one that was taken over is ended", func(t *testing.T) {
		w, ada := newWorld(t), fromNode()
		require.Equal(t, "ada", w.who(ada))
		w.pass(time.Minute)
		require.NoError(t, w.jar.EndAll(context.Background(), "ada"))
		require.Empty(t, w.who(ada))
	})
	t.Run("while the first request is under way", func(t *testing.T) {
		w, ada := newWorld(t), fromNode()
		w.visit(ada, func(ctx context.Context, s *session) {
			require.Equal(t, "ada", s.Subject())
			require.NoError(t, w.jar.EndAll(ctx, "ada"))
		})
		require.NotContains(t, ada, "__Host-session")
	})
}

// Somebody else signs in where a session of Express is left: nothing of that may come back.
func TestSignInEndsTheOldSession(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{
		"at once": expressbridge.AtOnce, "after grace": expressbridge.AfterGrace, "side by side": expressbridge.SideBySide,
	} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t, mode(m)), fromNode()
			w.visit(b, func(ctx context.Context, s *session) {
				require.NoError(t, s.SignIn(ctx, "eve"))
				require.Zero(t, s.Data)
			})
			require.NotContains(t, b, "connect.sid")
			require.Empty(t, w.table.rows)
			w.pass(20 * time.Minute)
			w.table.took()
			require.Equal(t, "eve", w.who(b))
			require.Empty(t, w.table.took(), "it is tied to nothing")
		})
	}
}

func TestEndWhileTheDatabaseIsDown(t *testing.T) {
	down := errors.New("down")
	w, ada := newWorld(t, mode(expressbridge.SideBySide)), fromNode()
	require.Equal(t, "ada", w.who(ada))
	w.table.fail = down
	w.visit(ada, func(ctx context.Context, s *session) {
		require.ErrorIs(t, s.End(ctx), down)
		w.table.fail = nil
		require.NoError(t, s.End(ctx), "called again it tries again")
	})
	require.Empty(t, w.table.rows)
	require.Empty(t, ada)
	require.Error(t, w.told(sealjar.EventEnded)[1].Err)
}

// A client that hangs up after it has asked to be signed out is signed out.
func TestEndOfARequestThatWasGivenUp(t *testing.T) {
	w, ada := newWorld(t, mode(expressbridge.SideBySide)), fromNode()
	require.Equal(t, "ada", w.who(ada))
	w.visit(ada, func(ctx context.Context, s *session) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		require.NoError(t, s.End(ctx))
	})
	require.Empty(t, w.table.rows)
}
