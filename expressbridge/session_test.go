package expressbridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

func TestRowsThatAreRefused(t *testing.T) {
	long := time.Unix(1<<40, 0)
	for name, r := range map[string]row{
		"empty":                {"", long},
		"null":                 {"null", long},
		"an array":             {"[1]", long},
		"a number":             {"7", long},
		"cut":                  {adaInNode[:20], long},
		"two objects":          {adaInNode + adaInNode, long},
		"deep":                 {`{"a":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`, long},
		"deep beyond belief":   {`{"a":` + strings.Repeat(`{"a":`, 1<<17), long},
		"deep after a quote":   {`{"a\"":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`, long},
		"large":                {`{"a":"` + strings.Repeat("a", 1<<20) + `"}`, long},
		"a number without end": {`{"a":1e999}`, long},
	} {
		t.Run(name, func(t *testing.T) {
			w, ada := newWorld(t), fromNode()
			w.table.rows[sid] = r
			w.visit(ada, func(_ context.Context, s *session) {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Empty(t, s.Subject())
				require.Zero(t, s.Data)
			})
			require.Len(t, w.told(sealjar.EventRefused), 1)
			require.Equal(t, fromNode(), ada)
		})
	}
	t.Run("expired", func(t *testing.T) {
		w := newWorld(t)
		w.pass(30 * time.Minute)
		require.Equal(t, "ada", w.who(fromNode()), "it lives in the second that is its last")
		w = newWorld(t)
		w.pass(30*time.Minute + 1)
		w.visit(fromNode(), func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrExpired) })
	})
	t.Run("what it says of its own end counts for nothing", func(t *testing.T) {
		w := newWorld(t)
		w.table.rows[sid] = row{strings.Replace(adaInNode, "2026", "1999", 1), w.now.Add(time.Minute)}
		require.Equal(t, "ada", w.who(fromNode()))
	})
}

func TestDeepIsNotWhatIsInQuotes(t *testing.T) {
	w := newWorld(t)
	w.table.rows[sid] = row{strings.Replace(adaInNode, `"views"`, `"note":"`+strings.Repeat(`[\"{\\`, 100)+`","views"`, 1), w.now.Add(time.Minute)}
	require.Equal(t, "ada", w.who(fromNode()))
}

// What the application says is checked as what it would say to the session itself.
func TestImportsThatAreRefused(t *testing.T) {
	for name, imported := range map[string]func() (expressbridge.Session[data], error){
		"an error": func() (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{Subject: "ada"}, errors.New("no such user")
		},
		"a subject that is too long": func() (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{Subject: strings.Repeat("a", 256)}, nil
		},
		"a subject that is not UTF-8": func() (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{Subject: "\xff"}, nil
		},
		"an empty group": func() (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{Subject: "ada", Groups: []string{""}}, nil
		},
		"an empty method": func() (expressbridge.Session[data], error) {
			return expressbridge.Session[data]{Subject: "ada", Methods: []string{""}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
				o.Import = func(context.Context, expressbridge.Old) (expressbridge.Session[data], error) { return imported() }
			})
			w.visit(fromNode(), func(_ context.Context, s *session) {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Empty(t, s.Subject())
			})
		})
	}
}

func TestImportGetsWhatExpressMeant(t *testing.T) {
	var got expressbridge.Old
	w := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
		o.Import = func(_ context.Context, old expressbridge.Old) (expressbridge.Session[data], error) {
			got = old
			return expressbridge.Session[data]{Subject: "ada", Methods: []string{"pwd"}, Groups: []string{"staff"}, Remember: true}, nil
		}
	})
	w.visit(fromNode(), func(_ context.Context, s *session) {
		require.Equal(t, []string{"pwd"}, s.Methods())
		require.Equal(t, []string{"staff"}, s.Groups())
		require.True(t, s.Remembered())
	})
	require.JSONEq(t, adaInNode, string(got.Raw))
	require.Equal(t, "ada", got.Values["user"].(map[string]any)["name"])
	require.Equal(t, 30*time.Minute, got.MaxAge)
	require.Equal(t, w.now.Add(30*time.Minute), got.Expires)

	w.table.rows[sid] = row{nobody, w.now.Add(time.Hour)}
	w.who(fromNode())
	require.Zero(t, got.MaxAge)
}

func TestLifetimesStartFromWhatExpressMeant(t *testing.T) {
	dated := func(w *world, at time.Time) {
		text, _ := json.Marshal(at.UnixMilli())
		w.table.rows[sid] = row{strings.Replace(adaInNode, `"views"`, `"signedInAt":`+string(text)+`,"views"`, 1), w.now.Add(10 * time.Minute)}
	}
	t.Run("the absolute one from the sign-in, if that is known", func(t *testing.T) {
		w := newWorld(t)
		at := w.now.Add(-5 * time.Hour)
		dated(w, at)
		w.visit(fromNode(), func(ctx context.Context, s *session) {
			require.WithinDuration(t, at, s.AuthTime(), 0)
			require.WithinDuration(t, at.Add(12*time.Hour), s.AbsoluteExpiry(), 0)
			require.NoError(t, w.jar.CheckRecent(ctx, 6*time.Hour))
			require.ErrorIs(t, w.jar.CheckRecent(ctx, 4*time.Hour), sealjar.ErrStale)
		})
	})
	t.Run("and is over if it is", func(t *testing.T) {
		w := newWorld(t)
		dated(w, w.now.Add(-13*time.Hour))
		w.visit(fromNode(), func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrExpired) })
	})
	t.Run("a time to come is now", func(t *testing.T) {
		w := newWorld(t)
		dated(w, w.now.Add(time.Hour))
		w.visit(fromNode(), func(_ context.Context, s *session) { require.WithinDuration(t, w.now, s.AuthTime(), 0) })
	})
	t.Run("the idle one from this request", func(t *testing.T) {
		w, ada := newWorld(t), fromNode()
		dated(w, w.now)
		require.Equal(t, "ada", w.who(ada))
		w.pass(29 * time.Minute)
		require.Equal(t, "ada", w.who(ada))
	})
	t.Run("or from the last one of Express, if this is no activity", func(t *testing.T) {
		w, ada := newWorld(t), fromNode()
		dated(w, w.now)
		w.visitPassively(ada, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
		w.pass(9 * time.Minute)
		w.visitPassively(ada, func(_ context.Context, s *session) { require.Equal(t, "ada", s.Subject()) })
		w.pass(2 * time.Minute)
		w.visitPassively(ada, func(_ context.Context, s *session) { require.ErrorIs(t, s.Err(), sealjar.ErrExpired) })
	})
}

func FuzzData(f *testing.F) {
	for _, seed := range []string{
		adaInNode, nobody, "null", `{"cookie":7}`, `{"cookie":{"originalMaxAge":-1}}`, `{"a":"\ud83d"}`, `{"user":{"name":"\u0000"}}`,
		`{"cookie":{"originalMaxAge":1e300}}`, `{"views":1.5}`, strings.Repeat("[", 100),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		w, b := newWorld(t), fromNode()
		w.table.rows[sid] = row{string(text), w.now.Add(time.Hour)}
		var first string
		w.visit(b, func(_ context.Context, s *session) {
			first = s.Subject()
			if s.Err() == nil {
				require.True(t, json.Valid(text))
				require.Equal(t, byte('{'), bytes.TrimLeft(text, " \t\r\n")[0])
			} else {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Empty(t, first)
			}
		})
		require.Equal(t, first, w.who(b), "what was taken over stays")
	})
}
