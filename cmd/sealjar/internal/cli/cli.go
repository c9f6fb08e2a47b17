// Package cli is the command sealjar without its process: arguments, streams, environment and clock come from outside. All that
// it knows about keys and tokens it asks packages keys and token; it parses, calls and prints.
package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Env is what a process has around it. All fields are required.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
}

type app struct{ Env }

// Run runs the command with the arguments after its name and returns its exit code.
func Run(ctx context.Context, args []string, env Env) int {
	root := (&app{env}).root()
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	cmd, err := root.ExecuteContextC(ctx)
	return report(env.Err, cmd, err)
}

func (a *app) root() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "sealjar",
		Short: "Keys and tokens of sealjar sessions",
		Long: `sealjar makes, rotates, checks and publishes the key files of applications that keep
their sessions with sealjar, shows what is in a token, and ends sessions before their time.

Times are written as 2026-11-24T12:00:00Z, as 2026-11-24 (midnight UTC), as now, or from
now on as +7d or -2h. Durations are written as 90s, 5m, 12h, 30d or 2w.

A key file that is sealed under a key-encryption key is opened with the secret in the
environment variable SEALJAR_KEK, or in the file that --kek-file names, which only its owner
may read.

Exit codes:
  0  done, or nothing to do
  1  failed; nothing was changed
  2  wrong usage; nothing was changed
  3  "keys check" has found problems, or "token show" has refused the token`,
		Example: `  sealjar keys init keys.json        make a key file
  sealjar keys rotate keys.json      do the step that is due, if one is (run it daily)
  sealjar keys check keys.json       say whether all is well, now and later
  sealjar token show --keys keys.json < cookie.txt
  sealjar revoke subject alice       sign a user out everywhere`,
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(a.keys(), a.token(), a.revoke(), a.revocations(), a.version())
	return root
}

// group makes a command that only holds others: alone it shows its help, and a name that it does not know is an error.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
		if cmd.SuggestionsMinimumDistance <= 0 {
			cmd.SuggestionsMinimumDistance = 2
		}
		for i, name := range cmd.SuggestionsFor(args[0]) {
			if i == 0 {
				text += "; did you mean"
			}
			text += fmt.Sprintf(" %q", name)
		}
		return usage("%s", text)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// arguments demands one argument for each name.
func arguments(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage("the argument %s is missing", names[len(args)])
		case len(args) > len(names):
			return usage("%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

// Flags returns the names of the flags of each command, for the test that every one has a story.
func Flags() map[string][]string {
	all := map[string][]string{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() {
			all[cmd.CommandPath()] = nil
			cmd.Flags().VisitAll(func(f *pflag.Flag) { all[cmd.CommandPath()] = append(all[cmd.CommandPath()], f.Name) })
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk((&app{Env{Now: time.Now}}).root())
	return all
}
