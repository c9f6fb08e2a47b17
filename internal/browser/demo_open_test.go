//go:build unix

package browser_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/browser"
)

// TestDemoInManyTabs opens more tabs than a browser has connections for a server. Each page is answered, and the one in
// front is live.
func TestDemoInManyTabs(t *testing.T) {
	d := startDemo(t)
	first := browser.Start(t, browser.Options{}).Visitor(t)
	d.tab = first
	d.tab.Open(d.std)
	d.sees(t, "#live", "^live$")
	for range 7 {
		d.inFront("false")
		d.tab = first.Tab()
		require.Equal(t, 200, d.tab.Open(d.std))
		d.sees(t, "#live", "^live$")
	}
	d.inFront("false")
	d.tab = first
	d.inFront("true")
	d.sees(t, ".headline", "first time")
	d.sees(t, "#flip-answer", `"views":7`) // the page knows what became of the cookie meanwhile
}

// inFront tells the page whether anybody looks at it: without windows, no tab covers another.
func (d *demoVisit) inFront(yes string) {
	browser.Get(d.tab, chromedp.Evaluate[bool](`
		Object.defineProperty(document, "hidden", { value: !`+yes+`, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"))`))
}

// TestDemoWhoseSessionEnds has the page believe that the time of its session is over. It asks until the server says so.
func TestDemoWhoseSessionEnds(t *testing.T) {
	d := startDemo(t)
	d.tab = browser.Start(t, browser.Options{}).Visitor(t)
	d.tab.Open(d.std)
	d.sees(t, "#cookie-state", "^Accepted")
	browser.Get(d.tab, chromedp.Evaluate[bool](`
		const real = window.fetch;
		let asked = 0;
		window.fetch = async (path, options) => {
			const response = await real(path, options);
			if (path !== "/demo/cookie") return response;
			const cookie = await response.json();
			cookie.inside.idle = 1;
			if (++asked >= 3) delete cookie.inside;
			return new Response(JSON.stringify(cookie));
		};
		true`))
	d.press(t, "button.visit")
	d.sees(t, "#cookie-state", "^Refused: its time is over")
}

// TestDemoThatIsStartedAnew leaves a page open while the demo ends and comes back at the same address.
func TestDemoThatIsStartedAnew(t *testing.T) {
	d := startDemo(t)
	d.tab = browser.Start(t, browser.Options{}).Visitor(t)
	d.tab.Open(d.std)
	d.sees(t, "#your-kid", `^\w{10}$`)
	kid := d.text("#your-kid")
	d.stop()
	d.sees(t, "#live", "not connected")
	require.Equal(t, 200, d.tab.Follow(chromedp.Func(func(context.Context, *chromedp.Target) error {
		d.run(t, portOf(d.std), portOf(d.echo))
		return nil
	})), "the page is loaded again")
	d.sees(t, "#live", "^live$")
	d.sees(t, "#your-kid", `^(?!`+kid+`)\w{10}$`)
	d.sees(t, "#log", "session sealed.*kid="+d.text("#your-kid"))
}

func portOf(address string) string {
	return strings.TrimSuffix(address[strings.LastIndexByte(address, ':')+1:], "/")
}

// TestDemoInTwoWindows has a window on each server. What becomes of the cookie in one is seen in the other.
func TestDemoInTwoWindows(t *testing.T) {
	d := startDemo(t)
	one := browser.Start(t, browser.Options{}).Visitor(t)
	d.tab = one
	d.tab.Open(d.std)
	d.sees(t, "#live", "^live$")
	other := one.Tab()
	d.tab = other
	d.tab.Open(d.echo)
	d.sees(t, "#live", "^live$")
	for _, step := range []struct {
		does func()
		who  string
	}{
		{func() { d.signIn(t, "alice") }, "Signed in as alice"},
		{func() { d.press(t, "#sessions [data-action=here]") }, "Nobody is signed in"},
		{func() { d.signIn(t, "bob") }, "Signed in as bob"},
		{func() { d.press(t, "#token b:nth-child(300)") }, "Nobody is signed in"},
		{func() { d.press(t, "#flip-back") }, "Signed in as bob"},
	} {
		d.tab = one
		step.does()
		d.tab = other
		d.sees(t, "[data-name=Echo] [data-knows]", "^"+step.who+"$")
	}
}

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
