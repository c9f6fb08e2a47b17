package main_test

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
	"github.com/sealjar/sealjar/keys"
)

var (
	runbook  = regexp.MustCompile(`(?m)^\*\*(.+?)\.\*\*`)
	inText   = regexp.MustCompile("`sealjar ([^`]+)`")
	sections = regexp.MustCompile(`(?m)^## `)
)

// TestRunbooks runs the commands of docs/rotation.md: those of each runbook one after the other, ten minutes apart, in
// a folder with a key file of its own. A reader puts in what stands in capitals, and so does the test.
func TestRunbooks(t *testing.T) {
	page, err := os.ReadFile("../../docs/rotation.md")
	require.NoError(t, err)
	all := 0
	for _, section := range sections.Split(string(page), -1) {
		starts := append(runbook.FindAllStringSubmatchIndex(section, -1), []int{len(section)})
		if len(starts) == 1 {
			starts = [][]int{{0, 0, 0, strings.Index(section, "\n")}, {len(section)}}
		}
		for i, start := range starts[:len(starts)-1] {
			commands := inText.FindAllStringSubmatch(section[start[0]:starts[i+1][0]], -1)
			all += len(commands)
			if len(commands) > 0 {
				t.Run(section[start[2]:start[3]], func(t *testing.T) { runAll(t, commands) })
			}
		}
	}
	require.Equal(t, len(inText.FindAllString(string(page), -1)), all, "each command is in a runbook")
	require.Greater(t, all, 10)
}

// TestREADMEOfTheLibrary runs the commands of the part about rotation.
func TestREADMEOfTheLibrary(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	commands := regexp.MustCompile(`(?m)^\$ sealjar ([^#\n]+)`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, commands, 2)
	runAll(t, commands)
}

func runAll(t *testing.T, commands [][]string) {
	t.Chdir(t.TempDir())
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	sealjar := func(command string) {
		t.Helper()
		var out bytes.Buffer
		code := cli.Run(context.Background(), strings.Fields(command), cli.Env{
			In: strings.NewReader(""), Out: &out, Err: &out, Now: func() time.Time { return now },
			Getenv: func(name string) string {
				return map[string]string{"SEALJAR_SECRET": "7d0f9e7c0a9b64e6a5a2a86a2b9f1d4d3f1de8cfb1e0a7725cbb8a4d6e92c135"}[name]
			},
		})
		require.Zero(t, code, "sealjar %s: %s", command, out.String())
		require.NotContains(t, out.String(), "warning", command)
	}
	require.NoError(t, os.WriteFile("kek", []byte("4b1f6f3d5ad25a1b7b6d3c9ee51d0a3df2c01f3ad2b7c4e865a9fd1b3c7e8a90"), 0o600))
	if !strings.HasPrefix(commands[0][1], "keys init") {
		sealjar("keys init keys.json")
		text, err := os.ReadFile("keys.json")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("BACKUP", text, 0o600))
		ring, err := keys.ReadFile("keys.json", keys.Options{Now: func() time.Time { return now }})
		require.NoError(t, err)
		ring, err = ring.WithVersion(ring.Version() + 1) // the backup is of an earlier day
		require.NoError(t, err)
		require.NoError(t, keys.WriteFile("keys.json", ring))
	}
	for _, command := range commands {
		now = now.Add(10 * time.Minute)
		words := strings.Fields(strings.ReplaceAll(command[1], "\n", " "))
		ring, _ := keys.ReadFile("keys.json", keys.Options{Now: func() time.Time { return now }})
		for i, word := range words {
			switch word {
			case "KID":
				words[i] = ring.Sealing(now).ID()
			case "SPARE":
				words[i] = ring.Spare(now).ID()
			case "TIME":
				words[i] = "+20d"
			case "VERSION":
				words[i] = strconv.FormatInt(ring.Version(), 10)
			}
		}
		sealjar(strings.Join(words, " "))
	}
}
