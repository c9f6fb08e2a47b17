package main_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
)

var commandInPage = regexp.MustCompile("(?m)(?:`|^ *\\$ |^    |\\| )sealjar ((?:keys|token|revoke|revocations)\\b[^`#|<>\n]*)")

// TestCommandsInPagesExist finds every command that a page tells an operator to type, with its flags. It does not run
// them; those of docs/rotation.md and of the two READMEs are run as well.
func TestCommandsInPagesExist(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".md") {
			return err
		}
		page, err := os.ReadFile(path)
		for _, c := range commandInPage.FindAllStringSubmatch(string(page), -1) {
			found++
			args := strings.Fields(strings.NewReplacer("...", "", "TIME", "+7d", "VERSION", "7").Replace(c[1])) // as a reader would
			var out bytes.Buffer
			code := cli.Run(t.Context(), append(args, "--help"), cli.Env{
				In: strings.NewReader(""), Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" },
			})
			require.Zero(t, code, "%s: sealjar %s\n%s", path, c[1], out.String())
			if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
				require.Contains(t, out.String(), "sealjar "+args[0]+" "+args[1], "%s: sealjar %s", path, c[1])
			}
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, found, 20)
}
