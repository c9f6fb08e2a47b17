package main_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
	"github.com/sealjar/sealjar/keys"
)

// FuzzTokenShow : whatever is pasted into it, the command neither panics nor prints what a terminal would obey, and only a token
// that was sealed with the secret is accepted.
func FuzzTokenShow(f *testing.F) {
	const secret = "7d0f9e7c0a9b64e6a5a2a86a2b9f1d4d3f1de8cfb1e0a7725cbb8a4d6e92c135"
	ring, err := keys.FromSecrets(secret)
	require.NoError(f, err)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	_, line, err := application{ring: ring, now: now}.serve("", "alice\u202e\x1b[2J")
	require.NoError(f, err)
	_, good, _ := strings.Cut(line, ": ")
	good, _, _ = strings.Cut(good, ";")
	f.Add(line)
	f.Add(good)
	f.Add("Cookie: a=b; " + good)
	f.Add("eyJhIjoi\u009b\x1b[2J.....")
	f.Add("Set-Cookie: \x1b[2J=eyJhIjoiAAAA....")
	f.Add("eyJ0eXAiOiJhXHUwMDFiIn0....")

	f.Fuzz(func(t *testing.T, text string) {
		for _, arguments := range [][]string{{"token", "show"}, {"token", "show", "--json"}} {
			var out bytes.Buffer
			code := cli.Run(context.Background(), arguments, cli.Env{
				In: strings.NewReader(text), Out: &out, Err: &out, Now: func() time.Time { return now },
				Getenv: func(name string) string { return map[string]string{"SEALJAR_SECRET": secret}[name] },
			})
			if code == 0 {
				_, token, _ := strings.Cut(good, "=")
				require.Contains(t, text, token)
			} else {
				require.Contains(t, []int{1, 3}, code)
			}
			for _, c := range out.String() {
				require.True(t, c == '\n' || unicode.IsPrint(c), "%q", out.String())
			}
		}
	})
}
