package main

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestReadme does what the console blocks of README do, and wants what they show.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	blocks := consoleBlock.FindAllStringSubmatch(string(text), -1)
	require.GreaterOrEqual(t, len(blocks), 2) // the others are not of the demo

	keyFile := filepath.Join(t.TempDir(), "keys.json")
	printed := startAndRead(t, keyFile)
	std, echo := lastField(printed[0]), lastField(printed[1])
	ours := strings.NewReplacer("http://localhost:8080/", std, "http://localhost:8081/", echo)
	shown := strings.TrimPrefix(ours.Replace(blocks[0][1]), "$ go run ./examples/demo\n")
	shown = strings.Replace(shown, "/tmp/sealjar-demo-1403921076/keys.json", keyFile, 1)
	require.Equal(t, shown, strings.Join(printed, "\n")+"\n")

	files := map[string]*browser{"cookies": newBrowser()}
	commands := strings.Split(ours.Replace(blocks[1][1]), "$ ")[1:]
	require.Len(t, commands, 9)
	for _, step := range commands {
		command, want, _ := strings.Cut(step, "\n")
		command, _, _ = strings.Cut(command, "  #")
		require.Regexp(t, shortened(want), replay(t, files, strings.TrimSpace(command)), command)
	}
}

// beginning is that of a token, as README shows it.
var beginning = regexp.MustCompile(`[\w.-]+…`)

// shortened matches what README shows, where the beginning of a token stands for any of about 600 characters.
func shortened(text string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(beginning.ReplaceAllString(text, "…")), "…", `[\w.-]{580,680}`) + "$"
}

// replay does what the shell and curl do with a command of README, and returns what they print.
func replay(t *testing.T, files map[string]*browser, command string) string {
	t.Helper()
	words := strings.Fields(command)
	last := words[len(words)-1]
	switch {
	case command == "alias visit='curl -s -b cookies -c cookies'":
		return ""
	case strings.HasPrefix(command, "visit -L -d "):
		return files["cookies"].post(t, last, strings.Trim(words[3], "'"))
	case words[0] == "visit" && len(words) == 2:
		return files["cookies"].get(t, last)
	case words[0] == "cp":
		files[words[2]] = newBrowser()
		files[words[2]].cookies = maps.Clone(files[words[1]].cookies)
		return ""
	case strings.HasPrefix(command, "curl -s -b "):
		return files[words[3]].get(t, last)
	case strings.HasPrefix(command, "curl -sI -X GET ") && strings.HasSuffix(command, " | grep -i cookie"):
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, words[4], nil)
		require.NoError(t, err)
		response, err := plainClient().Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		out := ""
		for _, name := range slices.Sorted(maps.Keys(response.Header)) {
			for _, value := range response.Header[name] {
				if line := name + ": " + value + "\n"; strings.Contains(strings.ToLower(line), "cookie") {
					out += line
				}
			}
		}
		return out
	}
	require.Fail(t, "README has a command that this test does not know", command)
	return ""
}

// startAndRead runs the demo on free ports until the test ends and returns the lines that it prints.
func startAndRead(t *testing.T, keyFile string) []string {
	t.Helper()
	out, in := io.Pipe()
	startInto(t, in, 0, 0, keyFile)
	lines := bufio.NewScanner(out)
	var printed []string
	for len(printed) < 5 && lines.Scan() {
		printed = append(printed, lines.Text())
	}
	require.NoError(t, lines.Err())
	require.Len(t, printed, 5)
	return printed
}

func lastField(line string) string {
	fields := strings.Fields(line)
	return fields[len(fields)-1]
}
