package expressbridge_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/revocation"
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
