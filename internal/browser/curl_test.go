//go:build unix

package browser_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// TestTranscriptOfReadme has bash and curl do what README shows of the demo, word for word, and wants what it shows.
func TestTranscriptOfReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.GreaterOrEqual(t, len(blocks), 2) // the first starts the demo

	std, echo := demo(t)
	ours := strings.NewReplacer("http://localhost:8080/", std, "http://localhost:8081/", echo)
	runTranscript(t, ours.Replace(blocks[1][1]))
}

// TestCurl has curl with a cookie jar do what the browser does: there is nothing that needs scripts. What is deleted is
// seen in the responses, because curl 7.88 reads its file once more before it writes it, and so brings back what it had
// deleted.
func TestCurl(t *testing.T) {
	t.Parallel()
	for name, middleware := range middlewares {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := localhost(t, middleware(site{jar: newJar(t, sealjar.Cookie{MaxChunks: 4})}))
			runTranscript(t, strings.ReplaceAll(`
$ visit() { curl -sL -b cookies -c cookies "$@" | sed -nE 's/.*id="(who|visits)">([^<]*).*id="(who|visits)">([^<]*).*/\2 \4/p'; }
$ deleted() { curl -s -o page -D - -b cookies -c cookies "$@" | grep -o '^Set-Cookie: [^=]*=; Max-Age=0' | sort; }
$ held() { sed -nE 's/^#HttpOnly_//; s/\t/ /g; s/^(localhost .*) [^ ]+$/\1/p' cookies | sort; }
$ visit HOME/                                # a page that only reads
nobody 0
$ held
$ visit HOME/visit                           # one that writes
nobody 1
$ visit HOME/visit
nobody 2
$ visit -d name=alice HOME/signin            # what was there stays
alice 2
$ held                                       # host only, for all paths, secure, until the browser closes
localhost FALSE / TRUE 0 __Host-session
$ cp cookies stolen
$ visit -d bytes=2500 HOME/fill              # no more: curl sends at most 8190 bytes of cookies
alice 2
$ held
localhost FALSE / TRUE 0 __Host-session
localhost FALSE / TRUE 0 __Host-session_1
$ visit HOME/private
alice 2
$ deleted -d bytes=100 HOME/fill             # what shrinks leaves nothing behind
Set-Cookie: __Host-session_1=; Max-Age=0
$ visit HOME/private
alice 2
$ visit -d bytes=2500 HOME/fill
alice 2
$ cp cookies browser && visit -j HOME/       # -j: the browser was closed
nobody 0
$ cp browser cookies
$ visit -H 'Sec-Fetch-Site: cross-site' -d name=mallory HOME/signin
$ visit HOME/
alice 2
$ cp cookies large
$ deleted -d '' HOME/signout
Set-Cookie: __Host-session=; Max-Age=0
Set-Cookie: __Host-session_1=; Max-Age=0
$ visit HOME/
nobody 0
$ cp large cookies && visit HOME/            # copies are refused
nobody 0
$ cp stolen cookies && visit HOME/           # older ones too
nobody 0
$ rm cookies; visit -d name=bob -d remember=yes HOME/signin
bob 0
$ held | cut -d' ' -f 1-4,6                  # the fifth is when it ends
localhost FALSE / TRUE __Host-session
$ visit -j HOME/                             # it outlives the browser
bob 0
`, "HOME", home))
		})
	}
}

// runTranscript runs the lines that begin with a dollar in one bash, in a folder of their own, and wants what is below each. A
// token that ends with … stands for any.
func runTranscript(t *testing.T, transcript string) {
	t.Helper()
	for _, program := range []string{"bash", "curl"} {
		_, err := exec.LookPath(program)
		if err != nil && os.Getenv("CI") != "true" {
			t.Skip(program + " is not installed")
		}
		require.NoError(t, err)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".curlrc"), nil, 0o600)) // not the user's own
	const end = "----"
	var script strings.Builder
	script.WriteString("shopt -s expand_aliases\n")
	steps := strings.Split(transcript, "$ ")[1:]
	for _, step := range steps {
		command, _, _ := strings.Cut(step, "\n")
		script.WriteString(command + "\necho " + end + "\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash")
	bash.Dir, bash.Stdin = dir, strings.NewReader(script.String())
	bash.Env = append(os.Environ(), "HOME="+dir, "CURL_HOME="+dir, "LC_ALL=C", "no_proxy=*")
	printed, err := bash.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	answers := strings.Split(strings.ReplaceAll(string(printed), "\r", ""), end+"\n")
	require.Len(t, answers, len(steps)+1, "%s", printed)
	for i, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		want = regexp.QuoteMeta(shortened.ReplaceAllString(want, "…"))
		require.Regexp(t, "^"+strings.ReplaceAll(want, "…", `[\w.-]+`)+"$", answers[i], command)
	}
}

// shortened is the beginning of a token.
var shortened = regexp.MustCompile(`[\w.-]+…`)

// demo runs the demo as a program, and returns its two addresses.
func demo(t *testing.T) (std, echo string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "demo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = "../../examples/demo"
	printed, err := build.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	cmd := exec.Command(program, "-std", "0", "-echo", "0", "-keys", filepath.Join(dir, "keys.json"))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	address := func() string {
		require.True(t, lines.Scan(), "the demo does not start")
		fields := strings.Fields(lines.Text())
		return fields[len(fields)-1]
	}
	return address(), address()
}
