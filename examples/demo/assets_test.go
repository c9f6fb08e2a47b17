package main

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page needs nothing from elsewhere, nor what its Content-Security-Policy forbids.
func TestPageIsSelfContained(t *testing.T) {
	names, err := fs.Glob(assets, "assets/*")
	require.NoError(t, err)
	size := 0
	for _, name := range names {
		data, err := fs.ReadFile(assets, name)
		require.NoError(t, err)
		size += len(data)
		text := strings.ReplaceAll(string(data), "http://www.w3.org/2000/svg", "")
		for _, forbidden := range []string{"http://", "https://", " style=", "<style", " onclick=", "@import", "innerHTML", "eval("} {
			require.NotContains(t, text, forbidden, name)
		}
	}
	require.Less(t, size, 64<<10, "it is fast because it is small")
}

var (
	colourLine = regexp.MustCompile(`--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)`)
	// pairs are text, and what it stands on.
	pairs = []string{
		"ink/paper", "ink/card", "ink/sunk", "soft/paper", "soft/card", "accent/paper", "accent/card", "accent/tint", "on-accent/accent", "ink/tint",
		"bad/card", "seg-1/card", "seg-2/card", "seg-3/card", "seg-4/card", "seg-5/card", "card/bad",
	}
	edges = []string{"edge/card", "edge/paper", "accent/line"} // of controls and bars
)

// WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for what one must see of a control (1.4.11).
func TestColoursHaveContrast(t *testing.T) {
	css, err := fs.ReadFile(assets, "assets/style.css")
	require.NoError(t, err)
	for scheme, group := range map[string]int{"light": 2, "dark": 3} {
		colours := map[string]float64{}
		for _, m := range colourLine.FindAllStringSubmatch(string(css), -1) {
			colours[m[1]] = luminance(t, m[group])
		}
		check := func(pairs []string, least float64) {
			for _, pair := range pairs {
				a, b, _ := strings.Cut(pair, "/")
				require.Contains(t, colours, a)
				require.Contains(t, colours, b)
				light, dark := max(colours[a], colours[b]), min(colours[a], colours[b])
				require.GreaterOrEqual(t, (light+0.05)/(dark+0.05), least, "%s, %s", pair, scheme)
			}
		}
		check(pairs, 4.5)
		check(edges, 3)
	}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	require.NoError(t, err)
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(n>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
