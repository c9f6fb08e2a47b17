//go:build unix

package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// Tab is a tab of a browser.
type Tab struct {
	tb     testing.TB
	ctx    context.Context
	cancel context.CancelFunc
}

// Tab opens a tab in the browser's own profile. It is closed when tb ends.
func (b *Browser) Tab(tb testing.TB) *Tab {
	tb.Helper()
	return open(tb, b.ctx)
}

// Visitor opens a tab for somebody who has never been here: with a cookie jar of its own, as a private window has.
func (b *Browser) Visitor(tb testing.TB) *Tab {
	tb.Helper()
	return open(tb, b.ctx, chromedp.WithNewBrowserContext())
}

// Tab opens another tab of the same visitor.
func (t *Tab) Tab() *Tab {
	t.tb.Helper()
	return open(t.tb, t.ctx)
}

func open(tb testing.TB, parent context.Context, options ...chromedp.ContextOption) *Tab {
	tb.Helper()
	t := &Tab{tb: tb}
	t.ctx, t.cancel = chromedp.NewContext(parent, options...)
	tb.Cleanup(t.Close)
	t.Do() // the first use of a context must not have a deadline
	return t
}

// Close closes the tab. It may be called again.
func (t *Tab) Close() { _ = chromedp.Cancel(t.ctx) }

// Do does the steps in order.
func (t *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	t.tb.Helper()
	Get(t, chromedp.Steps(steps...))
}

// Get does what has a result.
func Get[T any](t *Tab, action chromedp.Action[T]) T {
	t.tb.Helper()
	ctx := t.ctx
	if chromedp.FromContext(ctx).Target != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		t.tb.Fatalf("browser: %v", err)
	}
	return result
}

// Open goes to an address, and waits until the page is there. It returns the status of the answer.
func (t *Tab) Open(address string) int {
	t.tb.Helper()
	return status(Get(t, chromedp.NavigateResponse(address)))
}

// Follow does steps that lead to another page, such as a click, waits until the page is there and returns the status of
// the answer, or 0 if the page did not come from a server.
func (t *Tab) Follow(steps ...chromedp.Action[chromedp.Void]) int {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		t.tb.Fatalf("browser: %v", err)
	}
	return status(answer)
}

func status(answer *network.Response) int {
	if answer == nil {
		return 0
	}
	return int(answer.Status)
}

// Text is what the page says, or that part of it that a CSS selector names.
func (t *Tab) Text(selector string) string {
	t.tb.Helper()
	return Get(t, chromedp.TextContent(chromedp.CSS(selector)))
}

// Cookies are all cookies of this visitor, of whatever site, as the browser's own developer tools show them.
func (t *Tab) Cookies() []*network.Cookie {
	t.tb.Helper()
	c := chromedp.FromContext(t.ctx)
	return Get(t, func(ctx context.Context, _ *chromedp.Target) ([]*network.Cookie, error) {
		r, err := cdp.Call(ctx, c.Browser, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: c.BrowserContextID})
		return r.Cookies, err
	})
}
