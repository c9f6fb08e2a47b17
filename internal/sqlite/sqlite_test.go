package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/sqlite"
)

var parameters = regexp.MustCompile("_pragma=busy_timeout[^\\s\"`]*")

// TestPagesGiveOneDSN : whoever follows a page, or a package's comment, gets what the errors of Open ask for.
func TestPagesGiveOneDSN(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".md") && entry.Name() != "doc.go" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, given := range parameters.FindAllString(string(text), -1) {
			require.Equal(t, sqlite.Parameters, given, path)
			found++
		}
		return err
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, found, 4)
	require.Contains(t, sqlite.Remedy, "file:PATH?"+sqlite.Parameters)
}
