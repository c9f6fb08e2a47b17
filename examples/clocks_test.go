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

var (
	revokes = regexp.MustCompile(`\bRevoke(?:Subject|Group|All)\(ctx, [^\n]*time\.Now\(\)[^\n]*`)
	ahead   = regexp.MustCompile(`time\.Now\(\)\.Add\(token\.Leeway\)`)
)

// TestRevocationsUntilNowAllowForClocks looks at what pages, comments and examples tell a reader to type: a cutoff of
// this very moment spares whom a node with a fast clock has just signed in. Tests of one clock may do so.
func TestRevocationsUntilNowAllowForClocks(t *testing.T) {
	found := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		shown := strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") ||
			strings.HasPrefix(name, "example") || name == "readme_test.go"
		if entry != nil && entry.IsDir() && name == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || !shown {
			return err
		}
		text, err := os.ReadFile(path)
		for _, call := range revokes.FindAllString(string(text), -1) {
			found++
			require.Regexp(t, ahead, call, path)
		}
		return err
	}))
	require.GreaterOrEqual(t, found, 3)
}
