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
	jar := jarOf[basket](t, shop, takes(&elsewhere{findErr: takeover.ErrNone, begin: "there"}), func(o *sealjar.Options) { o.Version = 3 })
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
	codec, err := token.New(token.Config{Keys: shop.ring, Audience: "session/__Host-session", Now: shop.Now})
	require.NoError(t, err)
	claims, err := codec.Open(v["__Host-session"])
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(claims.State, &members))
	var written []string
	for name := range members {
		written = append(written, name)
	}
	require.ElementsMatch(t, listed, written)
}
