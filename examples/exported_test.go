package examples_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown lists the packages whose every exported name an example shows, with the types whose methods count too, and with names
// that need none, because of the reason.
var shown = []struct {
	folder  string
	methods []string
	without map[string]string
}{
	{folder: ".", methods: []string{"Jar", "Session"}},
	{folder: "backchannel"},
	{folder: "keys", without: map[string]string{
		"File": "a constructor returns it", "Rotator": "a constructor returns it", "Sealer": "a constructor returns it",
		"Status": "a constructor returns it", "Warning": "a constructor returns it",
		"Reason": "a word to compare with", "ReasonGap": "a word to compare with", "ReasonShort": "a word to compare with",
		"ReasonLate": "a word to compare with", "ReasonNoSpare": "a word to compare with", "ReasonSeals": "a word to compare with",
		"ReasonForgotten": "a word to compare with", "EventKind": "a word to compare with", "EventLoaded": "a word to compare with",
		"EventRefused": "a word to compare with", "EventRolledBack": "a word to compare with",
		"EventRotated": "a word to compare with", "EventWarning": "a word to compare with",
		"ErrVersionReused": "a word to compare with", "ErrKeyReused": "a word to compare with",
		"ErrConflict": "a word to compare with",
		"SealLimit":   "a limit", "Leeway": "a limit", "MaxVersion": "a limit",
		"Store": "drivers implement it, or are tested by it", "Document": "drivers implement it, or are tested by it",
		"Memory": "drivers implement it, or are tested by it",
		"Span":   "the operator's command needs it", "CheckStep": "the operator's command needs it",
	}},
	{folder: "spill", without: map[string]string{
		"ErrConflict": "only drivers return it", "Row": "only drivers see one", "Store": "drivers implement it",
	}},
	{folder: "token", without: map[string]string{"Codec": "New returns it"}},
	{folder: "expressbridge"},
	{folder: "expressbridge/redisrows"},
	{folder: "stdmw"},
	{folder: "echomw"},
	{folder: "echomw/v5"},
	{folder: "observe/promobserve"},
	{folder: "observe/otelobserve"},
	{folder: "sealjartest"},
	{folder: "revocation", without: map[string]string{
		"MaxBatch": "only drivers obey it", "Sweeper": "drivers implement it",
		"Cursor": "only drivers and followers see one", "ErrCursor": "only drivers and followers see one",
	}},
}

// TestExportedNamesHaveExamples wants each exported name of a package in the body of one of its examples, or in a file that is
// one whole example.
func TestExportedNamesHaveExamples(t *testing.T) {
	for _, p := range shown {
		t.Run(p.folder, func(t *testing.T) {
			code, tests := parseFolder(t, filepath.Join("..", p.folder))
			require.NotEmpty(t, code)
			name := code[0].Name.Name
			used := usedInExamples(name, tests)
			names := exportedNames(code, p.methods)
			require.NotEmpty(t, names)
			for _, exported := range names {
				_, excused := p.without[exported]
				require.False(t, excused && used[exported], "%s.%s has an example: take it off the list", name, exported)
				require.True(t, excused || used[exported], "%s.%s stands in no example", name, exported)
			}
			for excused := range p.without {
				require.Contains(t, names, excused, "not a name of package %s any more", name)
			}
		})
	}
}

func parseFolder(t *testing.T, folder string) (code, tests []*ast.File) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	set := token.NewFileSet()
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(set, filepath.Join(folder, entry.Name()), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		if strings.HasSuffix(entry.Name(), "_test.go") {
			tests = append(tests, file)
		} else {
			code = append(code, file)
		}
	}
	return code, tests
}

// exportedNames returns the exported names of a package's files as Name, or as .Name for the methods of types, which may come
// from an unexported type that is embedded.
func exportedNames(files []*ast.File, types []string) (names []string) {
	types = slices.Clone(types)
	add := func(prefix string, idents ...*ast.Ident) {
		for _, id := range idents {
			if id.IsExported() {
				names = append(names, prefix+id.Name)
			}
		}
	}
	each(files, func(d ast.Decl) {
		general, ok := d.(*ast.GenDecl)
		if !ok {
			return
		}
		for _, spec := range general.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				add("", spec.Names...)
			case *ast.TypeSpec:
				add("", spec.Name)
				if fields, ok := spec.Type.(*ast.StructType); ok && slices.Contains(types, spec.Name.Name) {
					for _, field := range fields.Fields.List {
						if id, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && !id.IsExported() {
							types = append(types, id.Name)
						}
					}
				}
			}
		}
	})
	each(files, func(d ast.Decl) {
		function, ok := d.(*ast.FuncDecl)
		switch {
		case !ok:
		case function.Recv == nil:
			add("", function.Name)
		case slices.Contains(types, receiver(function)):
			add(".", function.Name)
		}
	})
	return names
}

func each(files []*ast.File, do func(ast.Decl)) {
	for _, file := range files {
		for _, d := range file.Decls {
			do(d)
		}
	}
}

// receiver is T of a method with the receiver T, *T, T[P] or *T[P].
func receiver(f *ast.FuncDecl) (name string) {
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return name
}

// usedInExamples collects Name for each pkg.Name and .Name for each x.Name in examples.
func usedInExamples(pkg string, tests []*ast.File) map[string]bool {
	used := map[string]bool{}
	collect := func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := selector.X.(*ast.Ident); ok && id.Name == pkg {
				used[selector.Sel.Name] = true
			} else {
				used["."+selector.Sel.Name] = true
			}
		}
		return true
	}
	for _, file := range tests {
		var examples []*ast.FuncDecl
		whole := true
		for _, d := range file.Decls {
			function, ok := d.(*ast.FuncDecl)
			switch {
			case !ok || function.Recv != nil:
			case strings.HasPrefix(function.Name.Name, "Example"):
				examples = append(examples, function)
			case strings.HasPrefix(function.Name.Name, "Test"), strings.HasPrefix(function.Name.Name, "Fuzz"), strings.HasPrefix(function.Name.Name, "Benchmark"):
				whole = false
			}
		}
		if whole && len(examples) == 1 { // documentation shows all of such a file
			ast.Inspect(file, collect)
			continue
		}
		for _, example := range examples {
			ast.Inspect(example.Body, collect)
		}
	}
	return used
}
