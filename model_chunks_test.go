package sealjar_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
)

// mostLetters fit into four cookies with all that the model puts beside them, and twice as many do not.
const mostLetters = 6700

// lettersOf is how many letters an operation such as "hold 3000 letters" puts into a session, in place of those it had.
func lettersOf(op string) (n int, holds bool) {
	if text, ok := strings.CutPrefix(op, "hold "); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(text, " letters"))
		return n, err == nil
	}
	return 0, false
}

// piecesOf is in how many cookies a client's session is, by what the first one says.
func piecesOf(v visitor) int {
	first, there := v["__Host-session"]
	switch {
	case !there:
		return 0
	case len(first) > 1 && first[1] == '~':
		return int(first[0] - '0')
	}
	return 1
}

// mixed puts pieces of an older state of a session in place of some of the newer one's: that opens neither, unless it is whole.
func mixed(t *rapid.T, jar *sealjar.Jar[basket], newer, older visitor) {
	if piecesOf(newer) < 2 && piecesOf(older) < 2 {
		return
	}
	v, names := newer.copy(), []string{"__Host-session", "__Host-session_1", "__Host-session_2", "__Host-session_3"}
	for _, name := range names {
		if value, there := older[name]; there && rapid.Bool().Draw(t, "older "+name) {
			v[name] = value
		}
	}
	for _, whole := range []visitor{newer, older} {
		same := true
		for _, name := range names[:piecesOf(whole)] {
			same = same && v[name] == whole[name]
		}
		if same {
			return
		}
	}
	_, err := jar.Load(v.request())
	require.ErrorIs(t, err, sealjar.ErrInvalid)
}

// The same model, with sessions that grow and shrink over the bounds of a cookie, and of all four.
func TestLifeInChunksAgainstAModel(t *testing.T) {
	letters := rapid.OneOf(rapid.IntRange(0, mostLetters), rapid.SampledFrom([]int{0, 1500, 1600, 3800, 6100, mostLetters, 2 * mostLetters}))
	hold := rapid.Map(letters, func(n int) string { return "hold " + strconv.Itoa(n) + " letters" })
	ops := rapid.OneOf(rapid.SampledFrom(modelOps), hold)
	rapid.Check(t, func(t *rapid.T) {
		live(t, ops, func(o *sealjar.Options) { o.Cookie.MaxChunks = 4 })
	})
}
