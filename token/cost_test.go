package token_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

const mebibyte = 1 << 20

// allocated is how many bytes f allocates. Tests that call it are not parallel: other goroutines' bytes count as well.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// least is the least of what f allocates in some runs, for limits of a few kilobytes: now and then the runtime allocates as
// much for itself meanwhile, such as for a thread.
func least(f func()) uint64 {
	n := allocated(f)
	for range 4 {
		n = min(n, allocated(f))
	}
	return n
}

// TestNoAttackIsExpensive opens each bad token with a codec that has no memory yet.
func TestNoAttackIsExpensive(t *testing.T) {
	for _, alg := range algorithms {
		for _, a := range attacks() {
			if !a.aimedAt(alg) {
				continue
			}
			v := a.vector(alg)
			c := v.codec(t, v.ring(t))
			require.Less(t, allocated(func() { _, _ = c.Open(v.Token) }), uint64(mebibyte), a.name)
		}
	}
}

// TestNoPayloadIsExpensive gives shapes that cost a reader most for their length to a codec with the largest limit there is.
func TestNoPayloadIsExpensive(t *testing.T) {
	const size = 35 << 10 // what fits in 64 KiB
	k := usual(keys.HS256)
	names := func(prefix string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, `"%s%x":0,`, prefix, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	fill := func(part string) string { return strings.TrimSuffix(strings.Repeat(part, size/len(part)), ",") }
	for name, state := range map[string]string{
		"many names":            `{` + names("") + `}`,
		"many escaped names":    `{` + names(`\u0061`) + `}`,
		"many objects":          `{"a":[` + fill(`{},`) + `]}`,
		"many sets of names":    `{"a":[` + fill(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0},`) + `]}`,
		"many escapes":          `{"a":"` + fill(`\u0061`) + `"}`,
		"many strings":          `{"a":[` + fill(`"",`) + `]}`,
		"many arrays":           `{"a":[` + fill(`[],`) + `]}`,
		"many depths":           `{"a":[` + fill(`[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],`) + `]}`,
		"one number":            `{"a":1` + fill(`0`) + `}`,
		"one name":              `{"` + fill(`a`) + `":0}`,
		"one escaped name":      `{"` + fill(`\n`) + `":0}`,
		"escaped names in sets": `{"a":[` + fill(`{"\n":0},`) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := codecOf(t, token.Config{Keys: ringOf(t, k), MaxLength: 64 << 10})
			text := k.mint(swap(usualPayload, usualMembers["sealjar"], state))
			require.LessOrEqual(t, len(text), 64<<10)
			require.Greater(t, len(text), 60<<10)
			var err error
			bytes := allocated(func() { _, err = c.Open(text) })
			require.NoError(t, err)
			require.Less(t, bytes, uint64(mebibyte))
			t.Logf("%d bytes", bytes)

			claims := newClaims()
			claims.State = []byte(state)
			bytes = allocated(func() { _, err = c.Seal(claims) })
			require.NoError(t, err)
			require.Less(t, bytes, uint64(mebibyte))
		})
	}
}

// TestHugeInputCostsNothing shows that length is the first thing that is looked at.
func TestHugeInputCostsNothing(t *testing.T) {
	c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
	good, err := c.Seal(newClaims())
	require.NoError(t, err)
	const size = 32 << 20
	for name, text := range map[string]string{
		"letters":            strings.Repeat("A", size),
		"dots":               strings.Repeat(".", size),
		"brackets":           strings.Repeat("[", size),
		"objects":            strings.Repeat(`{"a":`, size/5),
		"zeros":              string(make([]byte, size)),
		"not UTF-8":          strings.Repeat("\xff", size),
		"a token and more":   good + strings.Repeat("A", size),
		"a token in spaces":  good + strings.Repeat(" ", size),
		"many tokens":        strings.Repeat(good, size/len(good)),
		"one over the limit": strings.Repeat("A", token.DefaultMaxLength+1),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			require.Zero(t, testing.AllocsPerRun(10, func() { _, err = c.Open(text) }))
			require.ErrorIs(t, err, token.ErrTooLong)
			require.Zero(t, least(func() { _, _ = c.Open(text) })/1024)
		})
	}
	for _, n := range []int{0, 1, 100, token.DefaultMaxLength} {
		text := strings.Repeat("A", n)
		require.Zero(t, testing.AllocsPerRun(10, func() { _, err = c.Open(text) }), "garbage of an allowed length")
		require.ErrorIs(t, err, token.ErrMalformed)
	}
}

// TestHugeStateCostsNothing does the same for Seal.
func TestHugeStateCostsNothing(t *testing.T) {
	c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
	claims := newClaims()
	claims.State = []byte(`{"d":"` + strings.Repeat("x", 32<<20) + `"}`)
	var err error
	require.Less(t, least(func() { _, err = c.Seal(claims) }), uint64(4096))
	require.ErrorIs(t, err, token.ErrTooLong)
}
