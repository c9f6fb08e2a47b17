//go:build unix

// Package browser lets tests use a web application as a person does, with a headless Chromium of the machine's packages.
//
// Where Chromium is not installed the test is skipped with a word, and under CI=true it fails.
package browser

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Options say what kind of browser it is.
type Options struct {
	// Profile is the folder in which the browser keeps its data, until tb ends; empty means a new one. A browser that is closed
	// and started again with the same folder is the same browser after a restart.
	Profile string

	// Hosts are host names that lead to this machine, such as app.example. No other name leads anywhere but localhost.
	Hosts []string

	// AnyCertificate makes the browser take certificates that nobody signed. It then also takes those pages for secure.
	AnyCertificate bool
}

// Browser is a running Chromium.
type Browser struct {
	tb     testing.TB
	ctx    context.Context
	cancel context.CancelFunc // of the process
	output *output
	close  sync.Once
}

// patience is how long anything may take. It is generous: a busy machine is no failed test.
const patience = 3 * time.Minute

// Start starts a browser for as long as tb runs.
func Start(tb testing.TB, o Options) *Browser {
	tb.Helper()
	program := find(tb)
	b := &Browser{tb: tb, output: &output{}}
	if o.Profile == "" {
		o.Profile = filepath.Join(tb.TempDir(), "profile")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(o.Profile),
		chromedp.Env("HOME="+o.Profile, "XDG_CONFIG_HOME="+o.Profile, "XDG_CACHE_HOME="+o.Profile),
		chromedp.Flag("no-sandbox", os.Getuid() == 0), // Chromium has none for root
		chromedp.Flag("host-resolver-rules", resolver(o.Hosts)),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("ignore-certificate-errors", o.AnyCertificate),
		chromedp.CombinedOutput(b.output),
		chromedp.WSURLReadTimeout(patience), // 20 s are too few for a Chromium that is read from a cold disk
	)
	process, end := chromedp.NewExecAllocator(context.Background(), options...)
	b.ctx, b.cancel = chromedp.NewContext(process)
	cancel := b.cancel
	b.cancel = func() {
		cancel()
		end()
	}
	tb.Cleanup(func() {
		b.Close()
		remove(o.Profile)
	})
	late := time.AfterFunc(patience, cancel)
	defer late.Stop()
	if err := chromedp.Do(b.ctx); err != nil {
		tb.Fatalf("browser: Chromium does not start: %v\n%s", err, b.output)
	}
	return b
}

// Close closes the browser as a person does, so that it keeps what it would keep, and waits until it is gone. It may be
// called again.
func (b *Browser) Close() {
	b.close.Do(func() {
		late := time.AfterFunc(patience, b.cancel)
		_ = chromedp.Cancel(b.ctx)
		late.Stop()
		b.cancel()
	})
}

// remove removes a folder. Processes of the browser that are about to end may still write to it.
func remove(folder string) {
	deadline := time.Now().Add(patience)
	for os.RemoveAll(folder) != nil && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
}

// find returns the path of Chromium, or skips the test.
func find(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("chromium")
	if err == nil {
		return path
	}
	const text = "chromium is not installed (Debian: apt-get install chromium)"
	if os.Getenv("CI") == "true" {
		tb.Fatal(text)
	}
	tb.Skip(text)
	return ""
}

// resolver keeps the browser on this machine.
func resolver(hosts []string) string {
	rules := make([]string, 0, len(hosts)+3)
	for _, host := range hosts {
		rules = append(rules, "MAP "+host+" 127.0.0.1")
	}
	return strings.Join(append(rules, "MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1"), ", ")
}

// output keeps what the browser prints, for the case that it fails.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len() > 64<<10 {
		o.text.Reset()
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
