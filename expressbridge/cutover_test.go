package expressbridge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

// Nodes go from SideBySide to AfterGrace one by one, within the hour of Grace, and the cookie that lets go of the row never
// reaches the browser that has met a new one. Rows are gone when they have expired, as in Redis.
func TestNodesAreCutOverOneByOne(t *testing.T) {
	for name, wins := range map[string]func(before, fromOld browser) browser{
		"the new node's response is overtaken": func(_, fromOld browser) browser { return fromOld },
		"the new node's response is lost":      func(before, _ browser) browser { return before },
	} {
		for state, first := range map[string]bool{"side by side before": false, "never seen here before": true} {
			t.Run(name+", "+state, func(t *testing.T) {
				w, ada := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) { o.Grace = time.Hour }), fromNode()
				after := w.jar
				w.open(sideBySide)
				beside := w.jar
				use := func(jar *sealjar.Jar[data], b browser) {
					t.Helper()
					if r := w.table.rows[sid]; !w.now.Before(r.expires) {
						delete(w.table.rows, sid)
					}
					w.jar = jar
					require.Equal(t, "ada", w.who(b), "at %v", w.now)
				}
				if !first {
					use(beside, ada)
					w.pass(8 * time.Minute)
				}
				fromOld, fromNew := ada.copy(), ada.copy()
				use(beside, fromOld)
				use(after, fromNew)
				require.NotContains(t, fromNew, "connect.sid")
				ada = wins(ada, fromOld)
				for range 11 {
					w.pass(5 * time.Minute)
					use(beside, ada)
				}
				for range 20 {
					w.pass(7 * time.Minute)
					use(after, ada)
				}
				require.NotContains(t, w.table.rows, sid)
			})
		}
	}
}
