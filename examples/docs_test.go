// Package examples_test keeps the documentation true: the code that it shows is code that compiles here.
package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestDocumentedCodeCompiles looks up every Go block of README and docs among the Go files of the repository, all of which
// are built by the tests: the block's lines must stand there one after the other, whatever their indentation.
func TestDocumentedCodeCompiles(t *testing.T) {
	compiled := goFiles()
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

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz|Benchmark|Example)[A-Z]\\w*)`")
	namedFile = regexp.MustCompile("`((?:[\\w./-]+/)?\\w+\\.go)`")
)

// TestNamedTestsAndFilesExist looks up the tests and the Go files that README and docs name.
func TestNamedTestsAndFilesExist(t *testing.T) {
	compiled := strings.Join(goFiles(), "")
	pages, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	named := 0
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, name := range namedTest.FindAllStringSubmatch(string(text), -1) {
			require.True(t, strings.Contains(compiled, "\nfunc "+name[1]+"("), "%s names a test that there is not: %s", page, name[1])
			named++
		}
		for _, name := range namedFile.FindAllStringSubmatch(string(text), -1) {
			require.FileExists(t, filepath.Join("..", name[1]), "%s names a file that there is not", page)
			named++
		}
	}
	require.NotZero(t, named)
}

// goFiles are the texts of all Go files of the repository, as plain makes them.
var goFiles = sync.OnceValue(func() (files []string) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, plain(string(text)))
		return err
	})
	if err != nil {
		panic(err)
	}
	return files
})

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
