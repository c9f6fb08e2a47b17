package main_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
	"github.com/sealjar/sealjar/keys"
)

var update = flag.Bool("update", false, "write what the commands of README.md print into it")

var (
	console = regexp.MustCompile("(?ms)^```console([^\n]*)\n(.*?)^```\n")
	randoms = regexp.MustCompile(`\b[a-z2-7]{10}\b|(?:sid|jti) +[A-Za-z0-9_-]+`)
)

// TestREADMEShowsWhatTheCommandsPrint runs the commands of README.md one after the other. In the first line of a block, later=31d
// moves the clock, and login=alice writes cookie.txt; neither is seen by a reader. KID is the key that seals.
func TestREADMEShowsWhatTheCommandsPrint(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme, err := filepath.Abs("README.md")
	require.NoError(t, err)
	t.Chdir(t.TempDir())

	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	written := console.ReplaceAllStringFunc(string(page), func(block string) string {
		parts := console.FindStringSubmatch(block)
		if days, found := strings.CutPrefix(parts[1], " later="); found {
			n, err := strconv.Atoi(strings.TrimSuffix(days, "d"))
			require.NoError(t, err)
			now = now.AddDate(0, 0, n)
		}
		if subject, found := strings.CutPrefix(parts[1], " login="); found {
			ring, err := keys.ReadFile("keys.json", keys.Options{Now: func() time.Time { return now }})
			require.NoError(t, err)
			_, line, err := application{ring: ring, now: now}.serve("", subject)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile("cookie.txt", []byte(line), 0o600))
			now = now.Add(5 * time.Minute)
		}
		command, _, _ := strings.Cut(parts[2], "\n")
		printed := command + "\n" + run(t, strings.TrimPrefix(command, "$ sealjar "), now)
		if !*update {
			require.Equal(t, withoutRandoms(parts[2]), withoutRandoms(printed))
		}
		return "```console" + parts[1] + "\n" + printed + "```\n"
	})
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(written), 0o644))
	}
}

func run(t *testing.T, command string, now time.Time) string {
	t.Helper()
	command, input, _ := strings.Cut(command, " < ")
	if ring, err := keys.ReadFile("keys.json", keys.Options{Now: func() time.Time { return now }}); err == nil {
		command = strings.Replace(command, "KID", ring.Sealing(now).ID(), 1)
	}
	var in, out bytes.Buffer
	if input != "" {
		text, err := os.ReadFile(input)
		require.NoError(t, err)
		in.Write(text)
	}
	code := cli.Run(context.Background(), strings.Fields(command), cli.Env{
		In: &in, Out: &out, Err: &out, Now: func() time.Time { return now },
		Getenv: func(name string) string {
			return map[string]string{"SEALJAR_REVOCATIONS": "sqlite:revocations.db"}[name]
		},
	})
	require.Zero(t, code, out.String())
	return out.String()
}

// withoutRandoms numbers the random names in the order in which they come, so that two runs can be compared.
func withoutRandoms(text string) string {
	seen := map[string]int{}
	return randoms.ReplaceAllStringFunc(text, func(name string) string {
		if _, known := seen[name]; !known {
			seen[name] = len(seen) + 1
		}
		return fmt.Sprintf("random-%d", seen[name])
	})
}
