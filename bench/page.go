package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// out is where the tables go.
var out io.Writer = os.Stdout

// The lines of a page between which its tables are.
const (
	pageStart = "<!-- measured: written by the command -->\n"
	pageEnd   = "<!-- end of what was measured -->\n"
)

// intoPage runs measure and puts what it prints into a page of documentation too, in place of what was measured before.
func intoPage(name string, measure func() error) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(page, []byte(pageStart))
	_, after, closed := bytes.Cut(rest, []byte(pageEnd))
	if !found || !closed {
		return fmt.Errorf("bench: %s has no place for tables", name)
	}
	var tables bytes.Buffer
	out = io.MultiWriter(os.Stdout, &tables)
	if err := measure(); err != nil {
		return err
	}
	page = bytes.Join([][]byte{before, []byte(pageStart), []byte("\n"), tables.Bytes(), []byte(pageEnd), after}, nil)
	return os.WriteFile(name, page, 0o644)
}

func printf(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
