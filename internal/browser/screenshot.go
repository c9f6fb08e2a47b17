//go:build unix

package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// ScreenshotsVariable is the environment variable that names the folder for screenshots, by its absolute path.
const ScreenshotsVariable = "SEALJAR_SCREENSHOTS"

// Screenshots takes pictures of the whole page at the given widths, in pixels, for people who like it light and for people
// who like it dark: name-360-light.png, name-360-dark.png … It does nothing unless [ScreenshotsVariable] names a folder.
func (t *Tab) Screenshots(name string, widths ...int) {
	t.tb.Helper()
	dir := os.Getenv(ScreenshotsVariable)
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.tb.Fatal(err)
	}
	for _, scheme := range []string{"light", "dark"} {
		t.Do(Prefer(scheme))
		for _, width := range widths {
			t.Do(chromedp.EmulateViewport(int64(width), 800))
			picture := Get(t, chromedp.FullScreenshot(100))
			file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme))
			if err := os.WriteFile(file, picture, 0o644); err != nil {
				t.tb.Fatal(err)
			}
		}
	}
	t.Do(Prefer(""), chromedp.ResetViewport())
}

// Prefer makes the page believe that its reader prefers "light" or "dark"; empty gives back the browser's own preference.
func Prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}
