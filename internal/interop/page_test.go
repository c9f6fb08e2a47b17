package interop_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	jsBlock     = regexp.MustCompile("(?s)```js\n(.*?)```\n")
	pythonBlock = regexp.MustCompile("(?s)```python\n(.*?)```\n")
)

// TestThePageShowsTheExample : what these tests run is, byte for byte, what docs/format.md shows, and short.
func TestThePageShowsTheExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/format.md")
	require.NoError(t, err)
	code, err := os.ReadFile("node/example.mjs")
	require.NoError(t, err)
	blocks := jsBlock.FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 1)
	require.Equal(t, string(code), blocks[0][1])
	require.LessOrEqual(t, strings.Count(string(code), "\n"), 30)

	steps := pythonBlock.FindAllStringSubmatch(string(page), -1)
	require.Len(t, steps, 1)
	require.LessOrEqual(t, strings.Count(strings.ReplaceAll(steps[0][1], "\n\n", "\n"), "\n"), 30)
}
