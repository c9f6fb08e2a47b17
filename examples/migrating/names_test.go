// Package migrating_test keeps docs/migrating.md complete.
package migrating_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEveryNameOfAPeerHasAnAnswer looks up what the Go libraries that people leave export, in the version that this module requires:
// each name must stand in the first column of the table that is theirs.
func TestEveryNameOfAPeerHasAnAnswer(t *testing.T) {
	for heading, path := range map[string]string{
		"gorilla/sessions":     "github.com/gorilla/sessions",
		"gorilla/securecookie": "github.com/gorilla/securecookie",
		"echo-contrib/session": "github.com/labstack/echo-contrib/session",
		"scs":                  "github.com/alexedwards/scs/v2",
	} {
		t.Run(heading, func(t *testing.T) {
			answered := firstColumn(t, heading)
			names := exported(t, path)
			require.NotEmpty(t, names)
			for _, name := range names {
				require.Regexp(t, `\b`+regexp.QuoteMeta(name)+`\b`, answered)
			}
		})
	}
}

// The surface of express-session 1.19.0, by its README.
func TestEveryOptionOfExpressHasAnAnswer(t *testing.T) {
	for heading, names := range map[string]string{
		"option": "cookie.domain cookie.expires cookie.httpOnly cookie.maxAge cookie.originalMaxAge cookie.partitioned cookie.path " +
			"cookie.priority cookie.sameSite cookie.secure genid name proxy resave rolling saveUninitialized secret store unset auto",
		"`req.session`":      "regenerate destroy reload save touch id cookie req.sessionID cookie.maxAge cookie.expires",
		"`req.sessionStore`": "all destroy clear length get set touch",
	} {
		answered := firstColumn(t, heading)
		for _, name := range strings.Fields(names) {
			require.Regexp(t, `\b`+regexp.QuoteMeta(name)+`\b`, answered, heading)
		}
	}
}

// firstColumn is the code in the first column of the table with that heading.
func firstColumn(t *testing.T, heading string) string {
	page, err := os.ReadFile("../../docs/migrating.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "\n| "+heading+" |")
	require.True(t, found, heading)
	table, _, _ = strings.Cut(table, "\n\n")
	var code []string
	for _, line := range strings.Split(table, "\n")[1:] {
		cell := strings.Split(line, "|")[1]
		for i, part := range strings.Split(cell, "`") {
			if i%2 == 1 {
				code = append(code, part)
			}
		}
	}
	return strings.Join(code, "\n")
}

// exported returns the names of a package: those of its functions, types, constants and variables, and of the fields and methods of
// its types, without what is embedded.
func exported(t *testing.T, path string) (names []string) {
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", path).Output()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.FileExports(parsed) // leaves what go doc shows
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || ast.IsExported(receiver(d)) {
					names = append(names, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					names = append(names, namesOf(spec)...)
				}
			}
		}
	}
	return names
}

// receiver is T of a method with the receiver T or *T.
func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return typ.(*ast.Ident).Name
}

func namesOf(spec ast.Spec) (names []string) {
	ast.Inspect(spec, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			return false
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names = append(names, id.Name)
			}
			return false
		case *ast.TypeSpec:
			names = append(names, n.Name.Name)
		case *ast.Field:
			for _, id := range n.Names {
				names = append(names, id.Name)
			}
		}
		return true
	})
	return names
}
