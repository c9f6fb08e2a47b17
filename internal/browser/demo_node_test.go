//go:build unix

package browser_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/browser"
)

// TestDemoWithoutItsNode stops the second process and then kills it. The page goes on, says so, and takes its buttons as before.
func TestDemoWithoutItsNode(t *testing.T) {
	chromium := browser.Start(t, browser.Options{})
	d := startDemo(t)
	d.tab = chromium.Visitor(t)
	d.watch()
	d.tab.Open(d.std)
	d.sees(t, "#node-pid", "^process \\d+$")
	pid, err := strconv.Atoi(strings.TrimPrefix(d.text("#node-pid"), "process "))
	require.NoError(t, err)
	d.signIn(t, "alice")
	d.sees(t, "#node-allow", "^Signed in as alice$")

	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	for range 3 {
		d.press(t, "#keys .visit")
	}
	d.sees(t, "#node-allow", "^no answer$")
	d.press(t, "#key-add")
	d.sees(t, "#key-list li .badge", "^pending$")
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	d.sees(t, "#node-allow", "^Signed in as alice$") // by itself

	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	d.sees(t, "#node-pid", "^process \\d+ has ended$")
	d.sees(t, "#node-note", "when the demo is started anew")
	d.sees(t, "#node-allow", "^no answer$")
	d.press(t, "#keys .visit")
	d.press(t, "#key-add")
	d.sees(t, "#key-list", "(.*pending){2}")
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string]("problems")), "scripts fail")
}
