//go:build unix

package browser_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
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
