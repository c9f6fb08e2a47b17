package sealjar_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who uses this package has to know fewer than 30 names.
func TestExportedSurfaceIsSmall(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	page, err := doc.NewFromFiles(set, files, "github.com/sealjar/sealjar")
	require.NoError(t, err)

	var names []string
	values := func(groups ...[]*doc.Value) {
		for _, group := range groups {
			for _, v := range group {
				names = append(names, v.Names...)
			}
		}
	}
	values(page.Consts, page.Vars)
	for _, f := range page.Funcs {
		names = append(names, f.Name)
	}
	for _, typ := range page.Types {
		names = append(names, typ.Name)
		values(typ.Consts, typ.Vars)
		for _, f := range typ.Funcs {
			names = append(names, f.Name)
		}
	}
	exported := names[:0]
	for _, name := range names {
		if ast.IsExported(name) {
			exported = append(exported, name)
		}
	}
	require.Contains(t, exported, "Jar")
	require.Contains(t, exported, "New")
	require.Contains(t, exported, "EventOpened")
	require.Contains(t, exported, "ErrNone")
	require.Less(t, len(exported), 30, "%v", exported)

	for _, heading := range []string{"# Use", "# How it works", "# Threats", "# Limits", "# Compatibility"} {
		require.Contains(t, page.Doc, heading+"\n")
	}
}
