//go:build unix

package browser_test

import (
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/browser"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const plain = `<!doctype html><title>page</title><style>
body { margin: 0; height: 900px; background: #fff } @media (prefers-color-scheme: dark) { body { background: #000 } }</style><p style="margin: 0">hello</p>`

func TestScreenshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(plain)) }))
	defer server.Close()

	tab := browser.Start(t, browser.Options{}).Visitor(t)
	require.Equal(t, http.StatusOK, tab.Open(server.URL))
	require.Equal(t, "hello", tab.Text("p"))
	tab.Screenshots("none", 360)
	require.NoDirExists(t, dir)

	t.Setenv(browser.ScreenshotsVariable, dir)
	tab.Screenshots("page", 360, 1280)
	for name, width := range map[string]int{"page-360-light": 360, "page-360-dark": 360, "page-1280-light": 1280, "page-1280-dark": 1280} {
		file, err := os.Open(filepath.Join(dir, name+".png"))
		require.NoError(t, err)
		picture, err := png.Decode(file)
		file.Close()
		require.NoError(t, err)
		require.Equal(t, width, picture.Bounds().Dx(), name)
		require.Equal(t, 900, picture.Bounds().Dy(), name)
		red, _, _, _ := picture.At(width/2, 800).RGBA()
		require.Equal(t, strings.HasSuffix(name, "light"), red > 0, name)
	}
}

func TestBrowserReachesNothingElse(t *testing.T) {
	tab := browser.Start(t, browser.Options{Hosts: []string{"app.example"}}).Visitor(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(plain)) }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for host, reached := range map[string]bool{"localhost": true, "127.0.0.1": true, "app.example": true, "example.org": false, "other.example": false} {
		const script = `fetch(%q, {mode: "no-cors"}).then(() => true, () => false)`
		require.Equal(t, http.StatusOK, tab.Open(server.URL))
		got := browser.Get(tab, chromedp.Evaluate[bool](strings.ReplaceAll(script, "%q", "'http://"+host+port+"'"), chromedp.EvalAwaitPromise))
		require.Equal(t, reached, got, host)
	}
}
