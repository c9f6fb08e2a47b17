package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes, as the help of the root command documents them.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitProblems
)

// errProblems says that the command did its work and what it found is bad. All has been printed.
var errProblems = errors.New("problems were found")

// usageError is an error in what was typed.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// report tells of an error and returns the exit code.
func report(out io.Writer, cmd *cobra.Command, err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitProblems
	case errors.As(err, &wrong):
		fmt.Fprintf(out, "sealjar: %v\nSee `%s --help`.\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(out, "sealjar: %s\n", strings.TrimPrefix(err.Error(), "keys: "))
	return exitFailed
}
