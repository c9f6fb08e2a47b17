package sealjar_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/takeover"
)

// Who has more elsewhere than goes into a cookie, or a row, is served all the same, as long as nothing of it is changed here.
func TestTakeoverOfWhatIsTooLarge(t *testing.T) {
	for where, change := range map[string]func(*sealjar.Options){
		"for the cookie": func(*sealjar.Options) {},
		"for a row": func(o *sealjar.Options) {
			o.Spill = spill.Options{Store: &spill.Memory{Now: o.Now}, MaxBytes: 4096}
		},
	} {
		for name, c := range map[string]struct {
			do     func(context.Context, *sealjar.Session[basket])
			status int
		}{
			"allowed: to look at it":    {func(context.Context, *sealjar.Session[basket]) {}, 200},
			"allowed: to end it":        {func(ctx context.Context, s *sealjar.Session[basket]) { _ = s.End(ctx) }, 200},
			"allowed: to take data out": {func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Items = nil }, 200},
			"refused: other data":       {count, 500},
			"refused: a message":        {func(_ context.Context, s *sealjar.Session[basket]) { _ = s.AddFlash("info", "hello") }, 500},
			"refused: other groups":     {func(_ context.Context, s *sealjar.Session[basket]) { _ = s.SetGroups("staff") }, 500},
			"refused: to be remembered": {func(_ context.Context, s *sealjar.Session[basket]) { _ = s.Remember(true) }, 500},
			"refused: another slot": {func(_ context.Context, s *sealjar.Session[basket]) {
				_ = sealjar.Slot[int]("example.com/a").Set(s, 1)
			}, 500},
		} {
			t.Run(where+" "+name, func(t *testing.T) {
				shop := newShop(t)
				large := `{"views": 7, "items":["` + strings.Repeat("large", 1500) + `"], "of another version": 1}`
				other := &elsewhere{found: takeover.Session{
					ID: "derived", Subject: "ada", Groups: []string{"shop"}, Methods: []string{"pwd"}, Data: []byte(large), Expiry: shop.Now().Add(time.Hour),
				}}
				jar, v := jarOf[basket](t, shop, takes(other), change), visitor{}
				response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
					require.NoError(t, s.Err())
					require.Equal(t, "ada", s.Subject())
					require.Equal(t, 7, s.Data.Views)
					c.do(ctx, s)
				})
				require.Equal(t, c.status, response.StatusCode)
				told := shop.told(sealjar.EventUnwritten)
				if name != "allowed: to look at it" {
					require.Len(t, told, c.status/500)
					return
				}
				require.Len(t, told, 1)
				require.ErrorIs(t, told[0].Err, sealjar.ErrTooLarge)
				require.True(t, told[0].Renewal)
				require.False(t, wrote(response))
				require.Equal(t, http.StatusOK, ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
					require.Equal(t, "ada", s.Subject())
				}).StatusCode, "and with the next request again")
			})
		}
	}
}
