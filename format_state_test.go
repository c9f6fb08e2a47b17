package sealjar_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/takeover"
	"github.com/sealjar/sealjar/token"
)

// docs/format.md lists each member of the private claim that a session writes, and no other.
func TestFormatPageKnowsEachMemberOfTheState(t *testing.T) {
	page, err := os.ReadFile("docs/format.md")
	require.NoError(t, err)
	section := regexp.MustCompile(`(?s)## The private claim\n(.*?)\n## `).FindSubmatch(page)
	require.Len(t, section, 2)
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllSubmatch(section[1], -1) {
		listed = append(listed, string(row[1]))
	}

	shop := newShop(t)
	store := &shelf{Memory: spill.Memory{Now: shop.Now}}
	jar := jarOf[basket](t, shop, takes(&elsewhere{findErr: takeover.ErrNone, begin: "there"}), func(o *sealjar.Options) { o.Version, o.Spill = 3, spill.Options{Store: store, Always: true} })
	v := visitor{}
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "ada", "pwd"))
		require.NoError(t, jar.EndOthers(ctx, s))
		require.NoError(t, s.AddFlash("info", "hello"))
		require.NoError(t, s.SetGroups("staff"))
		require.NoError(t, s.SetLifetime(time.Hour))
		require.NoError(t, s.Remember(true))
		require.NoError(t, slotVisits.Set(s, 1))
		s.Data.Views = 1
	})
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.Renew(ctx)) })
	row, err := store.Memory.Get(t.Context(), store.ids[len(store.ids)-1])
	require.NoError(t, err)
	claims, err := rowCodec(t, shop).Open(string(row.Data))
	require.NoError(t, err)
	require.ElementsMatch(t, listed, membersOf(t, claims.State))

	codec, err := token.New(token.Config{Keys: shop.ring, Audience: "session/__Host-session", Now: shop.Now})
	require.NoError(t, err)
	claims, err = codec.Open(v["__Host-session"])
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"c", "g", "l", "o", "p", "r"}, membersOf(t, claims.State), "of a reference")
}

func membersOf(t *testing.T, state []byte) (names []string) {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(state, &members))
	for name := range members {
		names = append(names, name)
	}
	return names
}
