package keys_test

import (
	"crypto/fips140"
	"testing"
	"testing/synctest"
)

// bubble is synctest.Test, but not in FIPS mode: there random numbers come from the jitter of a clock, and in a bubble the clock
// stands still.
func bubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	if fips140.Enabled() {
		t.Skip("no random numbers under a clock that stands still; the ordinary run has this test")
	}
	synctest.Test(t, f)
}
