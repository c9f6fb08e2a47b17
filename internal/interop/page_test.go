package interop_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var jsBlock = regexp.MustCompile("(?s)```js\n(.*?)```\n")

// TestThePageShowsTheExample : what these tests run is, byte for byte, what docs/format.md shows.
func TestThePageShowsTheExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/format.md")
	require.NoError(t, err)
	code, err := os.ReadFile("node/example.mjs")
	require.NoError(t, err)
	blocks := jsBlock.FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 1)
	require.Equal(t, string(code), blocks[0][1])
}
