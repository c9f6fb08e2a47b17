package expressbridge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

// A token that an app gets in JSON is as good as a cookie: the row and connect.sid go by the mode.
func TestRowOfWhatWasHandedOut(t *testing.T) {
	for name, m := range map[string]expressbridge.Mode{"AtOnce": expressbridge.AtOnce, "AfterGrace": expressbridge.AfterGrace} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mode(m), func(_ *expressbridge.Options[data], o *sealjar.Options) { o.Header = "Authorization" })
			b := fromNode()
			w.visit(b, func(_ context.Context, s *session) {
				_, err := w.jar.Seal(s)
				require.NoError(t, err)
			})
			require.Empty(t, b)
			if left, ok := w.table.rows[sid]; ok {
				require.Equal(t, expressbridge.AfterGrace, m)
				require.Equal(t, w.now.Add(time.Minute).Unix(), left.expires.Unix())
			}
			require.Empty(t, w.told(sealjar.EventUnwritten))
		})
	}
}
