//go:build unix

package browser_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/browser"
)

// TestDemoWithALongName has the longest name that the demo takes, in the widest letters, wherever the page says a name.
func TestDemoWithALongName(t *testing.T) {
	d := startDemo(t)
	d.tab = browser.Start(t, browser.Options{}).Visitor(t)
	d.tab.Open(d.std)
	name := strings.Repeat("W", 40)
	d.signIn(t, name)
	d.sees(t, "#live", "^live$")
	d.fits(t)
	d.press(t, "#sessions [data-action=device]")
	d.sees(t, "#session-rows tr", "^Phone"+name+".*live")
	d.press(t, "#token b:nth-child(300)")
	d.sees(t, "#flip-who", "^"+name+" before, nobody now$")
	d.fits(t)
	d.press(t, "#flip-back")
	d.sees(t, "#cookie-state", name)
	d.press(t, "#sessions [data-action=everywhere]")
	d.sees(t, "#revocations li", name)
	d.fits(t)
	// Nor has the table a name that is cut off on a phone.
	d.tab.Do(chromedp.EmulateViewport(320, 800))
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#sessions .scroll")]
		.filter((n) => n.scrollWidth > n.clientWidth).map((n) => n.scrollWidth + " in " + n.clientWidth)`)))
}

// TestDemoKeepsTheFocus presses, with the keyboard, what can't be pressed again. Who goes on with the tab key goes on from
// there.
func TestDemoKeepsTheFocus(t *testing.T) {
	d := startDemo(t)
	d.tab = browser.Start(t, browser.Options{}).Visitor(t)
	d.tab.Open(d.std)
	d.signIn(t, "alice")
	d.sees(t, "#live", "^live$")
	press := func(selector string) {
		t.Helper()
		d.tab.Do(chromedp.Focus(chromedp.CSS(selector)), chromedp.KeyEvent(kb.Enter))
	}
	focused := func(selector string) {
		t.Helper()
		require.Equal(t, []string{selector, "solid"}, browser.Get(d.tab, chromedp.Evaluate[[]string](`(async (selector) => {
			for (const end = Date.now() + 60000; Date.now() < end; await new Promise((next) => setTimeout(next, 30)))
				if (document.activeElement.matches(selector)) return [selector, getComputedStyle(document.activeElement).outlineStyle];
			return [document.activeElement.outerHTML.slice(0, 80)];
		})(`+strconv.Quote(selector)+`)`, chromedp.EvalAwaitPromise)))
	}
	old := d.text("#your-kid")
	press("#key-add")
	d.sees(t, "#key-list li .badge", "^pending$")
	button := browser.Get(d.tab, chromedp.AttributeValue(chromedp.CSS("#key-list li[data-phase=pending] button"), "id"))
	next := strings.TrimPrefix(button.Value, "promote-")
	press("#promote-" + next)
	d.sees(t, "#key-list li[data-phase=sealing]", next)
	focused("#key-list li[data-key='" + next + "']")
	d.tab.Do(chromedp.KeyEvent(kb.Tab))
	focused("#retire-" + next)
	d.press(t, "#keys .visit")
	d.sees(t, "#your-kid", next)
	press("#retire-" + old)
	d.sees(t, "#key-list li[data-phase=opening] small", "opens until")
	focused("#key-list li[data-key='" + old + "']")
	press("#remove-" + old)
	d.sees(t, "#key-list li[data-phase=gone]", old)
	focused("#key-list li[data-key='" + old + "']")

	press("#sessions [data-action=device]")
	d.sees(t, "#session-rows tr", "^Phonealice.*live")
	press(`button[aria-label="Revoke the session of alice Phone"]`)
	d.sees(t, "#session-rows tr", "^Phone.*revoked")
	focused("#session-rows tr:has(.badge[data-state=over])")
	press("#load-start")
	focused("#load .panel")
}

// signIn signs in by the form of the net/http server.
func (d *demoVisit) signIn(t *testing.T, name string) {
	t.Helper()
	d.tab.Do(chromedp.SendKeys(chromedp.CSS("#name-std"), name))
	require.Equal(t, 200, d.tab.Follow(chromedp.Click(chromedp.CSS("[data-name='net/http'] .signin button"))))
	d.sees(t, "[data-name='net/http'] [data-knows]", "^Signed in as "+name+"$")
}
