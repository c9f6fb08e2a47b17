package stdmw_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/mwtest"
	"github.com/sealjar/sealjar/stdmw"
)

// TestGate runs the table of all gates.
func TestGate(t *testing.T) {
	to := func(path string) http.Handler {
		if path == "" {
			return nil
		}
		return http.RedirectHandler(path, http.StatusSeeOther)
	}
	mwtest.RunGate(t, mwtest.Gated{
		Mount: func(jar sealjar.AnyJar, g mwtest.Gate, h http.Handler) http.Handler {
			gate := stdmw.Gate(jar, stdmw.GateOptions{
				Denied: to(g.Denied), Unavailable: to(g.Unavailable), Stale: to(g.Stale), MaxAge: g.MaxAge, Passive: g.Passive,
			})
			return stdmw.New(jar, stdmw.Options{})(gate(h))
		},
		Body: func(status int) string { return http.StatusText(status) + "\n" },
	})
}

func TestANegativeAgeIsRefused(t *testing.T) {
	require.PanicsWithValue(t, "stdmw: GateOptions.MaxAge is negative", func() {
		stdmw.Gate(newWorld(t).jar, stdmw.GateOptions{MaxAge: -1})
	})
}
