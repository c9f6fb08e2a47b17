package base64url_test

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/base64url"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var standard = base64.RawURLEncoding.Strict()

func TestEveryLengthIsWrittenAndReadAsByTheStandardLibrary(t *testing.T) {
	for n := range 70 {
		value := make([]byte, n)
		for i := range value {
			value[i] = byte(i*37 + n*101)
		}
		text := string(base64url.AppendEncode([]byte("before"), value))
		require.Equal(t, "before"+standard.EncodeToString(value), text)
		require.Equal(t, len(text)-len("before"), base64url.EncodedLen(n))
		got, ok := base64url.AppendDecode([]byte("before"), []byte(text[len("before"):]))
		require.True(t, ok)
		require.Equal(t, "before"+string(value), string(got))
		require.Equal(t, n, base64url.DecodedLen(base64url.EncodedLen(n)))
	}
}

func TestOneSpellingOnly(t *testing.T) {
	for _, row := range []struct{ name, text string }{
		{"one character is no byte", "A"},
		{"five characters", "AAAAA"},
		{"unused bits after one byte", "AB"},
		{"unused bits after two bytes", "AAB"},
		{"unused bits after a long text", "AAAAAAAAAAAAAAAAAAAAAAAAAB"},
		{"padding", "AA=="},
		{"the other alphabet, 62", "AA+A"},
		{"the other alphabet, 63", "AA/A"},
		{"line break", "AAA\n"},
		{"line break that the standard library skips", "AAAA\r\n"},
		{"space", "AAAA AAAAAAAAAAAAAAA"},
		{"zero byte", "AAA\x00"},
		{"byte beyond ASCII", "AAA\xff"},
		{"dot", "AAAA.AAAAAA"},
	} {
		t.Run(row.name+" refused", func(t *testing.T) {
			_, ok := base64url.AppendDecode(nil, []byte(row.text))
			require.False(t, ok)
		})
	}
}

// TestEachPlaceIsLookedAt puts every byte into each place of texts of several lengths.
func TestEachPlaceIsLookedAt(t *testing.T) {
	for _, n := range []int{2, 3, 4, 8, 12, 16, 19} {
		for place := range n {
			for c := range 256 {
				text := bytes.Repeat([]byte("A"), n)
				text[place] = byte(c)
				compare(t, text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "A", "AA", "AB", "AAA", "AAAA", "AAAAAAAAAAAAAAAA", "_-_-_-_-_-_-_-_-_-w", "AAAA\n", "AA=="} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		compare(t, text)
		encoded := base64url.AppendEncode(nil, text)
		require.Equal(t, standard.EncodeToString(text), string(encoded))
	})
}

func compare(t *testing.T, text []byte) {
	t.Helper()
	want, err := standard.AppendDecode(nil, text)
	good := err == nil && !bytes.ContainsAny(text, "\r\n")
	got, ok := base64url.AppendDecode(nil, text)
	require.Equal(t, good, ok, "%q", text)
	if good {
		require.True(t, bytes.Equal(want, got), "%q", text)
		require.Equal(t, string(text), string(base64url.AppendEncode(nil, got)))
	}
}

// mixed is a value with no pattern: a pattern makes some table look-ups meet in the cache, and others not.
func mixed() []byte {
	value := make([]byte, 1000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(value)
	return value
}

func BenchmarkEncode(b *testing.B) {
	value, text := mixed(), make([]byte, 0, 2000)
	b.Run("sealjar", func(b *testing.B) {
		for b.Loop() {
			text = base64url.AppendEncode(text[:0], value)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		for b.Loop() {
			text = standard.AppendEncode(text[:0], value)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	text, value := standard.AppendEncode(nil, mixed()), make([]byte, 0, 2000)
	b.Run("sealjar", func(b *testing.B) {
		for b.Loop() {
			value, _ = base64url.AppendDecode(value[:0], text)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		for b.Loop() {
			value, _ = standard.AppendDecode(value[:0], text)
		}
	})
}
