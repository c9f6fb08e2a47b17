package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

var (
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	link       = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	makeTarget = regexp.MustCompile(`(?m)\bmake ([a-z][a-z-]*)\b`)
	goCommand  = regexp.MustCompile(`(?m)(?:cd ([\w./-]+) && )?(?:\w+=\S+ )*(?:nice -n \S+ )?go (?:run|test) [^\n;|` + "`" + `]*`)
	goPackage  = regexp.MustCompile(`(?:^| )(\./[\w./-]*|\.)(?: |$)`)
	goRun      = regexp.MustCompile(`-(?:run|bench) '?\^?([A-Z]\w*)`)
)

// TestLinks follows the links of every page to a file and a heading of the repository. Addresses elsewhere must be
// https and are not asked for: a test must not depend on the network.
func TestLinks(t *testing.T) {
	followed, known := 0, make(map[string][]string)
	for _, page := range pages(t) {
		text, _ := split(read(t, page))
		text = inlineCode.ReplaceAllString(text, "")
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			followed++
			if strings.Contains(l[1], "://") {
				require.True(t, strings.HasPrefix(l[1], "https://"), "%s links to %s", page, l[1])
				continue
			}
			path, anchor, _ := strings.Cut(l[1], "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			_, err := os.Stat(target)
			require.NoError(t, err, "%s links to %s", page, l[1])
			if anchor == "" {
				continue
			}
			if known[target] == nil {
				known[target] = anchors(read(t, target))
			}
			require.Contains(t, known[target], anchor, "%s links to a heading that there is not", page)
		}
	}
	require.Greater(t, followed, 20)
}

var testLink = regexp.MustCompile("\\[`((?:Test|Fuzz)\\w+)`\\]\\(([^)]+)\\)")

// TestLinksToTests finds each test that a page links to in the file to which the link goes.
func TestLinksToTests(t *testing.T) {
	for _, page := range pages(t) {
		for _, l := range testLink.FindAllStringSubmatch(read(t, page), -1) {
			require.Contains(t, read(t, filepath.Join(filepath.Dir(page), l[2])), "\nfunc "+l[1]+"(", "%s links to %s", page, l[2])
		}
	}
}

var figure = regexp.MustCompile(`\| ([0-9][0-9.,]*) `)

// TestFiguresOfREADMEAreMeasured finds each figure of README's tables in docs/performance.md, which a command writes.
func TestFiguresOfREADMEAreMeasured(t *testing.T) {
	measured := read(t, "../docs/performance.md")
	found := 0
	for _, text := range strings.Split(read(t, "../README.md"), "\n## ") {
		if !strings.HasPrefix(text, "Size budget") && !strings.HasPrefix(text, "Performance") {
			continue
		}
		for _, f := range figure.FindAllStringSubmatch(strings.ReplaceAll(text, " | ", "  | "), -1) {
			found++
			require.Regexp(t, `[ |]`+regexp.QuoteMeta(strings.ReplaceAll(f[1], ",", ""))+` `, measured, "README has a figure that was not measured: %s", f[1])
		}
	}
	require.Greater(t, found, 20)
}

// TestCommandsInPagesExist looks up what pages tell a reader to type: targets of the Makefile, and the folders, tests and
// benchmarks that go is to run. What package cmd/sealjar is told is tested there.
func TestCommandsInPagesExist(t *testing.T) {
	makefile := read(t, "../Makefile")
	compiled := strings.Join(goFiles(), "")
	found := 0
	for _, page := range pages(t) {
		text := read(t, page)
		for _, m := range makeTarget.FindAllStringSubmatch(code(text), -1) {
			require.Regexp(t, `(?m)^`+m[1]+`:`, makefile, "%s: make %s", page, m[1])
			found++
		}
		for _, c := range goCommand.FindAllStringSubmatch(code(text), -1) {
			for _, p := range goPackage.FindAllStringSubmatch(c[0], -1) {
				require.DirExists(t, filepath.Join("..", c[1], strings.TrimSuffix(p[1], "...")), "%s: %s", page, c[0])
				found++
			}
			for _, r := range goRun.FindAllStringSubmatch(c[0], -1) {
				require.Regexp(t, `\nfunc (Test|Benchmark|Fuzz|Example)\w*`+r[1], compiled, "%s: %s", page, c[0])
			}
		}
	}
	require.Greater(t, found, 10)
}

// split returns a page without its fenced code, and that code.
func split(page string) (prose, fenced string) {
	var parts [2]strings.Builder
	in := 0
	for line := range strings.Lines(page) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			in = 1 - in
			continue
		}
		parts[in].WriteString(line)
	}
	return parts[0].String(), parts[1].String()
}

// code is what stands in code blocks, indented or fenced, and in inline code.
func code(page string) string {
	prose, fenced := split(page)
	var b strings.Builder
	b.WriteString(fenced)
	for line := range strings.Lines(prose) {
		if strings.HasPrefix(line, "    ") {
			b.WriteString(line)
			continue
		}
		for _, c := range inlineCode.FindAllString(line, -1) {
			b.WriteString(strings.Trim(c, "`") + "\n")
		}
	}
	return b.String()
}

// anchors are the names that GitHub gives to the headings of a page.
func anchors(page string) []string {
	var names []string
	prose, _ := split(page)
	for _, h := range heading.FindAllStringSubmatch(prose, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, h[1])
		names = append(names, name)
	}
	for _, a := range regexp.MustCompile(`<a (?:id|name)="([^"]+)">`).FindAllStringSubmatch(page, -1) {
		names = append(names, a[1])
	}
	return names
}

// pages are all of the repository's own.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..") {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(found), 8)
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
