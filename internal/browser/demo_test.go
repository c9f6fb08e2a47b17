//go:build unix

package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/browser"
	"github.com/sealjar/sealjar/internal/testserver"
)

// demoWidths are those of a phone and of a desktop.
var demoWidths = []int{390, 1280}

// TestDemo uses the demo as a visitor does, from the first page on, and wants what its text promises. Its pictures are
// for people to look at.
func TestDemo(t *testing.T) {
	chromium := browser.Start(t, browser.Options{})
	d := startDemo(t)
	d.tab = chromium.Visitor(t)
	d.watch()
	d.tab.Open(d.std)
	d.sees(t, "#live", "^live$")
	d.tab.Screenshots("demo-first", demoWidths...)

	for _, step := range []struct {
		name string
		run  func(*demoVisit, *testing.T)
	}{
		{"signed in on one server is known on the other", (*demoVisit).servers},
		{"the cookie is taken apart", (*demoVisit).cookie},
		{"one changed character makes anonymous and is explained in the log alone", (*demoVisit).flip},
		{"one character at a time is changed, however fast one clicks", (*demoVisit).flips},
		{"a session that outgrows its cookie is in several, and in one again", (*demoVisit).chunks},
		{"keys are rotated and the sessions live on", (*demoVisit).rotate},
		{"a revocation reaches the second process", (*demoVisit).revoke},
		{"without the store one policy refuses and the other allows", (*demoVisit).outage},
		{"signed out everywhere", (*demoVisit).everywhere},
		{"events and latencies are drawn", (*demoVisit).charts},
		{"a removed key ends what it has sealed", (*demoVisit).remove},
		{"load is measured with and without", (*demoVisit).load},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(d, t) }) {
			return
		}
	}
	d.fits(t)
	d.keyboard(t)
	d.press(t, "#reveal")
	d.tab.Screenshots("demo", demoWidths...)
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string]("problems")), "scripts fail, or the page breaks its own rules")
}

type demoVisit struct {
	tab             *browser.Tab
	program         string
	std, echo, keys string
	stop            func()
}

// startDemo builds and runs the demo until the test ends, and wants nothing to be left of it then.
func startDemo(t *testing.T) *demoVisit {
	d := &demoVisit{program: filepath.Join(t.TempDir(), "demo")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", d.program, "./demo")
	build.Dir = "../../examples"
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	// A test ends it and starts it again at the same address.
	d.stop = d.run(t, fmt.Sprint(testserver.FreePort(t)), fmt.Sprint(testserver.FreePort(t)))
	return d
}

// run runs the demo on two ports, until stop is called or the test ends.
func (d *demoVisit) run(t *testing.T, std, echo string) (stop func()) {
	run := exec.Command(d.program, "-std", std, "-echo", echo)
	run.Stderr = os.Stderr
	pipe, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	lines := bufio.NewScanner(pipe)
	for _, into := range []*string{&d.std, &d.echo, &d.keys} {
		require.True(t, lines.Scan())
		*into = strings.Fields(lines.Text())[1]
	}
	folder := filepath.Dir(d.keys)
	stop = sync.OnceFunc(func() {
		require.NoError(t, run.Process.Signal(os.Interrupt))
		require.NoError(t, run.Wait())
		require.NoDirExists(t, folder)
	})
	t.Cleanup(stop)
	return stop
}

// watch collects errors of scripts and what the Content-Security-Policy stops, from the next page on.
func (d *demoVisit) watch() {
	d.tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			window.problems = [];
			addEventListener("error", (e) => problems.push(String(e.message)));
			addEventListener("unhandledrejection", (e) => problems.push(String(e.reason)));
			addEventListener("securitypolicyviolation", (e) => problems.push(e.violatedDirective + " " + e.blockedURI));`})
		return err
	}))
}

// sees waits until the page says what matches, and tells what it says instead if it does not for two minutes.
func (d *demoVisit) sees(t *testing.T, selector, pattern string) {
	t.Helper()
	arguments, err := json.Marshal([]string{selector, pattern})
	require.NoError(t, err)
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[string](`(async ([selector, pattern]) => {
		let says = [];
		for (const end = Date.now() + 120000; Date.now() < end; await new Promise((next) => setTimeout(next, 30))) {
			says = [...document.querySelectorAll(selector)].map((n) => n.textContent);
			if (says.some((text) => new RegExp(pattern).test(text))) return "";
		}
		return JSON.stringify(says);
	})(`+string(arguments)+`)`, chromedp.EvalAwaitPromise)), "%s does not say %s", selector, pattern)
}

func (d *demoVisit) press(t *testing.T, selector string) {
	t.Helper()
	d.tab.Do(chromedp.Click(chromedp.CSS(selector)))
}

func (d *demoVisit) text(selector string) string { return strings.TrimSpace(d.tab.Text(selector)) }

// fits wants no page that is wider than the window, and a name for each control.
func (d *demoVisit) fits(t *testing.T) {
	t.Helper()
	for _, width := range append([]int{320, 375}, demoWidths...) {
		d.tab.Do(chromedp.EmulateViewport(int64(width), 800))
		require.LessOrEqual(t, browser.Get(d.tab, chromedp.Evaluate[int]("document.documentElement.scrollWidth")), width)
		require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main *")]
			.filter((n) => n.getBoundingClientRect().right > innerWidth && !n.closest(".scroll, pre, svg, .segments, .unseen"))
			.map((n) => n.outerHTML.slice(0, 80))`)), "cut off")
	}
	d.tab.Do(chromedp.ResetViewport())
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll("button, input, select")]
		.filter((n) => !n.textContent.trim() && !n.labels?.length || n.tabIndex < 0).map((n) => n.outerHTML)`)), "no name")
}

// keyboard wants each control to be reached with the tab key, the link that skips the head first, and to show that it is.
func (d *demoVisit) keyboard(t *testing.T) {
	d.tab.Open(d.std)
	d.sees(t, "#live", "^live$")
	d.sees(t, "#key-list li", "sealing")
	const controls = `[...document.querySelectorAll("button, input, select, a[href]")].filter((n) => !n.disabled && n.checkVisibility())`
	wanted := browser.Get(d.tab, chromedp.Evaluate[int](controls+`.length`))
	for i := range 2 * wanted {
		d.tab.Do(chromedp.KeyEvent(kb.Tab))
		seen := browser.Get(d.tab, chromedp.Evaluate[[]string](`(() => {
			const n = document.activeElement;
			n.dataset.reached = "yes";
			const near = n.matches(".switch input") ? n.nextElementSibling : n;
			return [n.className, getComputedStyle(near).outlineStyle];
		})()`))
		if i == 0 {
			require.Equal(t, []string{"skip", "solid"}, seen)
		}
		if seen[0] == "" && browser.Get(d.tab, chromedp.Evaluate[bool]("document.activeElement === document.body")) {
			break
		}
		require.Equal(t, "solid", seen[1], "no outline: %s", seen[0])
	}
	require.Empty(t, browser.Get(d.tab, chromedp.Evaluate[[]string](controls+`.filter((n) => !n.dataset.reached).map((n) => n.outerHTML)`)))
}

func (d *demoVisit) servers(t *testing.T) {
	d.sees(t, "[data-name=Echo] [data-knows]", "Nobody is signed in")
	d.tab.Do(chromedp.SendKeys(chromedp.CSS("#name-std"), "alice"))
	require.Equal(t, 200, d.tab.Follow(chromedp.Click(chromedp.CSS("[data-name='net/http'] .signin button"))))
	for _, card := range []string{"[data-name='net/http']", "[data-name=Echo]"} {
		d.sees(t, card+" [data-knows]", "Signed in as alice")
	}
	require.Equal(t, 200, d.tab.Follow(chromedp.Click(chromedp.CSS("[data-name=Echo] form button"))), "a form of one server posts to the other")
	require.Equal(t, "Nobody is signed in", d.text("[data-name='net/http'] [data-knows]"))
	require.Contains(t, d.text("#servers > p"), "served by Echo")
	d.tab.Open(d.std)
	d.tab.Do(chromedp.SendKeys(chromedp.CSS("#name-echo"), "alice"))
	require.Equal(t, 200, d.tab.Follow(chromedp.Click(chromedp.CSS("[data-name=Echo] .signin button"))))
	d.tab.Open(d.std)
	d.sees(t, "[data-name='net/http'] [data-knows]", "Signed in as alice")
	d.sees(t, "#live", "^live$")
}

func (d *demoVisit) cookie(t *testing.T) {
	d.sees(t, "#size-text", `^\d{3} of 4,096 bytes$`)
	require.Len(t, browser.Get(d.tab, chromedp.Evaluate[[]string](
		`[...document.querySelectorAll("#segments dt")].map((n) => getComputedStyle(n).color).filter((c, i, all) => all.indexOf(c) === i)`)), 5, "five colours")
	d.sees(t, "#outer-header", `"enc": "A256GCM"`)
	require.Equal(t, "false", browser.Get(d.tab, chromedp.AttributeValue(chromedp.CSS("#reveal"), "aria-expanded")).Value)
	d.press(t, "#reveal")
	d.sees(t, "#inner-header", `"alg": "HS256"`)
	d.sees(t, "#claims", `"sub": "alice"`)
	d.sees(t, "#clock-absolute", `^\d+:\d\d$`)
	before := d.text("#clock-absolute")
	d.sees(t, "#clock-absolute", `^(?!`+regexp.QuoteMeta(before)+`)\d`)
	d.press(t, "#cookie .visit")
	d.sees(t, "#clock-idle", `^[45]:\d\d$`)
	d.sees(t, "#clock-renewal", `^[01]:\d\d$`)
	d.press(t, "#reveal")
}

func (d *demoVisit) flip(t *testing.T) {
	d.tab.Do(chromedp.Click(chromedp.CSS("#token b:nth-child(300)")))
	d.sees(t, "#flip-who", "^alice before, nobody now$")
	d.sees(t, "#flip-reason", "decryption failed")
	require.NotContains(t, d.text("#flip-answer"), "decryption")
	d.sees(t, "#log", "session refused.*decryption failed")
	d.charted(t, "refused")
	d.sees(t, "#reasons", "changed [1-9]")
	d.sees(t, "[data-name=Echo] [data-knows]", "Nobody is signed in")
	d.tab.Screenshots("demo-flip", demoWidths...)
	d.press(t, "#flip-back")
	d.sees(t, "#flip-who", "^alice$")

	// With the keyboard, the last character: of its bits some mean nothing, and there is one spelling all the same.
	length := browser.Get(d.tab, chromedp.Evaluate[int](`document.querySelectorAll("#token b").length`))
	d.tab.Do(chromedp.SetValue(chromedp.CSS("#flip-at"), fmt.Sprint(length)), chromedp.SendKeys(chromedp.CSS("#flip-at"), "\r"))
	d.sees(t, "#flip-reason", "malformed")
	d.press(t, "#flip-back")
	d.sees(t, "#flip-who", "^alice$")
}

// flips has somebody click faster than the server answers. One character is another one at any time, and to put it back is
// to have the whole cookie back.
func (d *demoVisit) flips(t *testing.T) {
	click := func(places ...int) {
		text, err := json.Marshal(places)
		require.NoError(t, err)
		browser.Get(d.tab, chromedp.Evaluate[bool](`
			for (const i of `+string(text)+`) document.querySelectorAll("#token b")[i].click();
			true`))
	}
	whole := d.text("#token")
	same := func() (n int) {
		for i, c := range d.text("#token") {
			if byte(c) == whole[i] {
				n++
			}
		}
		return n
	}
	click(10, 20, 30, 40, 50, 60)
	d.sees(t, "#token [data-changed][data-i='60']", ".")
	d.sees(t, "#flip-who", "^alice before, nobody now$")
	require.Equal(t, 1, browser.Get(d.tab, chromedp.Evaluate[int](`document.querySelectorAll("#token [data-changed]").length`)))
	require.Equal(t, len(whole)-1, same())
	click(70, 80)
	d.press(t, "#flip-back")
	d.sees(t, "#flip-who", "^alice$")
	require.Equal(t, whole, d.text("#token"))

	click(90, 90) // twice the same is what it was
	click(100)
	d.sees(t, "#token [data-changed][data-i='100']", ".")
	click(100)
	d.sees(t, "#flip-who", "^alice$")
	require.Equal(t, whole, d.text("#token"))
}

// chunks wants the page and the browser's own cookie jar to tell the same.
func (d *demoVisit) chunks(t *testing.T) {
	has := func(names ...string) {
		t.Helper()
		note := "^One cookie holds it"
		if len(names) > 1 {
			note = fmt.Sprintf("they are in %d,", len(names))
		}
		d.sees(t, "#pieces-note", note)
		require.Equal(t, strings.Join(names, ""), strings.Join(browser.Get(d.tab, chromedp.Evaluate[[]string](
			`[...document.querySelectorAll("#pieces code")].map((n) => n.textContent)`)), ""))
		var kept []string
		for _, c := range d.tab.Cookies() {
			kept = append(kept, c.Name)
			require.LessOrEqual(t, len(c.Name)+len(c.Value), 4096)
		}
		require.ElementsMatch(t, names, kept)
		d.sees(t, "#cookie-state", "Accepted. It is alice’s.")
	}
	fill := func(bytes int) {
		input := chromedp.CSS("#fill-bytes")
		d.tab.Do(chromedp.SetValue(input, fmt.Sprint(bytes)), chromedp.SendKeys(input, "\r"))
	}
	const one = "__Host-session"
	has(one)
	fill(5000)
	has(one, one+"_1", one+"_2")
	d.sees(t, "#pieces li", "^__Host-session_14,096 bytes$")
	d.sees(t, "#size-text", `^9,\d{3} bytes in all$`)
	d.sees(t, "#claims", `"fill": "x+… \(5,000 bytes\)"`)
	d.tab.Screenshots("demo-chunks", demoWidths...)

	// A character of the second piece counts like any other.
	d.tab.Do(chromedp.SetValue(chromedp.CSS("#flip-at"), "6000"), chromedp.SendKeys(chromedp.CSS("#flip-at"), "\r"))
	d.sees(t, "#flip-who", "^alice before, nobody now$")
	d.press(t, "#flip-back")
	d.sees(t, "#flip-who", "^alice$")

	fill(20_000)
	d.sees(t, "#fill-problem", "Four cookies do not hold that")
	has(one, one+"_1", one+"_2")
	fill(7500)
	has(one, one+"_1", one+"_2", one+"_3")
	fill(3000)
	has(one, one+"_1")
	require.Empty(t, d.text("#fill-problem"))
	d.press(t, "#fill-empty")
	has(one)
}

func (d *demoVisit) rotate(t *testing.T) {
	old := d.text("#your-kid")
	d.press(t, "#sessions [data-action=device]")
	d.sees(t, "#session-rows tr", `^Phonealice.*live`)
	d.tab.Do(chromedp.SetValue(chromedp.CSS("#alg"), "EdDSA"))
	d.press(t, "#key-add")
	d.sees(t, "#key-list li .badge", "^pending$")
	next := strings.TrimPrefix(browser.Get(d.tab, chromedp.AttributeValue(chromedp.CSS("#key-list li[data-phase=pending] button"), "id")).Value, "promote-")
	d.press(t, "#promote-"+next)
	d.sees(t, "#key-list li[data-phase=sealing]", next)
	d.sees(t, "#key-list li[data-phase=opening]", old)
	d.sees(t, "#kid-note", "next visit")
	require.Equal(t, old, d.text("#your-kid"))
	d.press(t, "#keys .visit")
	d.sees(t, "#your-kid", next)
	d.charted(t, "renewed")
	d.sees(t, "#inner-header", "EdDSA")
	d.sees(t, "[data-name='net/http'] [data-knows]", "Signed in as alice")
	d.sees(t, "#session-rows tr", "^Phonealice"+next)
	d.press(t, "#retire-"+old)
	d.sees(t, "#key-list li[data-phase=opening] small", "opens until")
	d.press(t, "#retire-"+next)
	d.sees(t, "#keys-problem", "can't be retired")
	text, err := os.ReadFile(d.keys)
	require.NoError(t, err)
	require.Contains(t, string(text), next, "it is the real file")
	d.sees(t, "#node-refuse", "Signed in as alice")
	d.portrait(t)
}

func (d *demoVisit) revoke(t *testing.T) {
	d.press(t, "#sessions [data-action=device]")
	d.sees(t, "#session-rows tr", "^Tabletalice.*live")
	d.tab.Do(chromedp.Click(chromedp.CSS(`button[aria-label="Revoke the session of alice Tablet"]`)))
	d.sees(t, "#session-rows tr", "^Tablet.*revoked")
	d.sees(t, "#revocations li", `session.*\d (µs|ms).*by an administrator`)
	d.sees(t, "#log", "Tablet.*session refused.*revoked")
	d.sees(t, "#reasons", "revoked [1-9]")
	d.press(t, "#sessions [data-action=others]")
	d.sees(t, "#session-rows tr", "^Phonealice.*(ended|revoked)") // the latter if it came back before the end was told
	d.sees(t, "#session-rows tr", `^Browser \(this one\)alice.*live`)
	d.sees(t, "#node-refuse", "Signed in as alice")
}

func (d *demoVisit) outage(t *testing.T) {
	d.tab.Do(chromedp.Click(chromedp.CSS("#store-switch")))
	d.sees(t, "#node-refuse", "^503")
	d.sees(t, "#node-allow", "Signed in as alice")
	d.sees(t, "#node-note", "cannot tell")
	d.tab.Screenshots("demo-outage", demoWidths...)
	d.tab.Do(chromedp.Click(chromedp.CSS("#store-switch")))
	d.sees(t, "#node-refuse", "Signed in as alice")
}

// portrait takes the picture for the documentation: what one sees first, in a window of usual size.
func (d *demoVisit) portrait(t *testing.T) {
	folder := os.Getenv(browser.ScreenshotsVariable)
	if folder == "" {
		return
	}
	d.tab.Open(d.std)
	d.sees(t, "#live", "^live$")
	d.sees(t, "#clock-absolute", `^\d+:\d\d$`)
	d.tab.Do(browser.Prefer("light"), chromedp.EmulateViewport(1280, 1462))
	browser.Get(d.tab, chromedp.Evaluate[bool](`document.getAnimations().forEach((a) => a.finish()), true`)) // the bars grow from nothing
	picture := browser.Get(d.tab, chromedp.CaptureScreenshot())
	require.NoError(t, os.WriteFile(filepath.Join(folder, "demo-portrait.png"), picture, 0o644))
	d.tab.Do(browser.Prefer(""), chromedp.ResetViewport())
}

func (d *demoVisit) everywhere(t *testing.T) {
	d.press(t, "#sessions [data-action=device]")
	d.sees(t, "#session-rows tr", "^Phonealice.*live")
	d.press(t, "#sessions [data-action=everywhere]")
	for _, server := range []string{"[data-name='net/http'] [data-knows]", "[data-name=Echo] [data-knows]", "#node-refuse", "#node-allow"} {
		d.sees(t, server, "Nobody is signed in")
	}
	d.sees(t, "#revocations li", `subject alice.*\d (µs|ms)`)
	d.press(t, "#sessions [data-action=device]")
	d.sees(t, "#sessions-problem", "Sign in first")
}

func (d *demoVisit) charts(t *testing.T) {
	for range 2 { // the first begins a session
		d.press(t, "#keys .visit")
	}
	d.charted(t, "sealed")
	d.charted(t, "opened")
	d.sees(t, "#latency-text", `Half of the last \d+ took less than`)
	require.NotZero(t, browser.Get(d.tab, chromedp.Evaluate[int](`document.querySelectorAll("#latency-chart circle").length`)))
	d.press(t, "#collect")
	d.sees(t, "#heap", `^\d+\.\d MiB$`)
	d.sees(t, "#goroutines", `^[1-9]\d+$`)
	d.sees(t, "#requests", `^[1-9]`)
	d.sees(t, "#failed", `^0$`)
}

// charted wants an event among those of the last minute, so it is to be asked soon.
func (d *demoVisit) charted(t *testing.T, name string) {
	t.Helper()
	d.sees(t, "#events-legend li", "^"+name+" [1-9]")
	require.NotZero(t, browser.Get(d.tab, chromedp.Evaluate[int](`document.querySelectorAll("#events-chart rect[data-series=`+name+`]").length`)), name)
}

func (d *demoVisit) remove(t *testing.T) {
	d.tab.Open(d.std)
	d.tab.Do(chromedp.SendKeys(chromedp.CSS("#name-std"), "alice"))
	require.Equal(t, 200, d.tab.Follow(chromedp.Click(chromedp.CSS("[data-name='net/http'] .signin button"))))
	d.sees(t, "#live", "^live$")
	d.sees(t, "#your-kid", `^\w{10}$`)
	kid := d.text("#your-kid")
	d.press(t, "#key-add")
	d.sees(t, "#key-list li .badge", "^pending$")
	d.press(t, "#remove-"+kid)
	d.sees(t, "#key-list li[data-phase=gone]", kid)
	d.sees(t, "[data-name='net/http'] [data-knows]", "Nobody is signed in")
	d.sees(t, "#node-allow", "Nobody is signed in")
	d.sees(t, "#kid-note", "so is the session")
	d.press(t, "#keys .visit")
	d.sees(t, "#cookie-state", "Accepted")
}

func (d *demoVisit) load(t *testing.T) {
	d.press(t, "#load-start")
	d.sees(t, "#load-text", "in all")
	for _, rate := range []string{"#rate-plain", "#rate-sealed"} {
		require.Regexp(t, `^[1-9][\d,]*$`, d.text(rate))
	}
	require.NotContains(t, d.text("#load-text"), "failed")
}
