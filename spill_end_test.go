package sealjar_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/takeover"
)

// What the client's own token does not refer to may be in the store all the same, and ends too.
func TestSpillEndOfARowThatTheCookieDoesNotKnow(t *testing.T) {
	t.Run("handed out in the same request", func(t *testing.T) {
		_, store, jar := spilled(t, false, noList, func(o *sealjar.Options) { o.Header, o.Cookie.MaxChunks = "Authorization", 4 })
		v := visitor{}
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			s.Data.Items = []string{strings.Repeat("l", 6000)}
		})
		require.Zero(t, store.Len(), "several cookies have room for it, and a header has not")
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			_, err := jar.Seal(s)
			require.NoError(t, err)
			require.Equal(t, 1, store.Len())
			require.NoError(t, s.End(ctx))
		})
		require.Zero(t, store.Len())
	})
	t.Run("taken over by another request", func(t *testing.T) {
		large := `{"items":["` + strings.Repeat("large", 1000) + `"]}`
		other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(large), Expiry: time.Now().Add(time.Hour)}}
		_, store, jar := spilled(t, false, noList, takes(other))
		first, second := visitor{}, visitor{}
		ask(first, jar, func(context.Context, *sealjar.Session[basket]) {})
		require.Equal(t, 1, store.Len())
		ask(second, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
		require.Zero(t, store.Len())
	})
}
