// Package examples_test keeps the documentation true: the code that it shows is code that compiles here.
package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestDocumentedCodeCompiles looks up every Go block of README and docs among the Go files of the repository, all of which
// are built by the tests: the block's lines must stand there one after the other, whatever their indentation.
func TestDocumentedCodeCompiles(t *testing.T) {
	compiled := goFiles(t)
	pages, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, block := range goBlock.FindAllStringSubmatch(string(text), -1) {
			found := false
			for _, file := range compiled {
				found = found || strings.Contains(file, plain(block[1]))
			}
			require.True(t, found, "%s shows code that stands in no Go file:\n%s", page, block[1])
		}
	}
}

func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, plain(string(text)))
		return err
	})
	require.NoError(t, err)
	return files
}

// plain drops what formatting may change: indentation, alignment, blank lines.
func plain(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
