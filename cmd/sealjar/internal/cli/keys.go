package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) keys() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "keys",
		Short: "Make, rotate, check and publish a key file",
		Long: `A key file holds the keys of an application's sessions as a JWK Set. Dates alone decide:
of the keys whose start ("nbf") has passed, the latest seals new tokens; every key opens
tokens until its end ("exp"). One key more, the spare, is always there and known to
every node before it starts.

The life of a key:
  add      it is published and waits; ` + "`rotate`" + ` does it when it is time
  seal     its start has come: nothing to do
  retire   the next key seals; it still opens the tokens that it has sealed
  remove   its last token has expired; ` + "`rotate`" + ` drops it

So a daily ` + "`sealjar keys rotate keys.json`" + ` is all that a planned rotation needs. Each change is
written atomically with mode 0600 under a version that only rises, and what was there
before is kept in keys.json.bak. With --dry-run a command only says what it would change.`,
	})
	cmd.AddCommand(a.keysInit(), a.keysList(), a.keysAdd(), a.keysRotate(), a.keysRetire(), a.keysRemove(), a.keysRestore(),
		a.keysCheck(), a.keysExport(), a.keysWrap(), a.keysUnwrap())
	return cmd
}

// completeKeyID completes the second argument with the ids of the key file that is the first.
func (a *app) completeKeyID(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	kek, _ := cmd.Flags().GetString("kek-file")
	ring, err := a.load(cmd.Context(), args[0], kekFlag{file: kek})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	now, ids := a.Now(), []string(nil)
	for _, k := range ring.Keys() {
		ids = append(ids, cobra.CompletionWithDesc(k.ID(), strings.Join([]string{string(k.Algorithm()), stateOf(ring, k, now)}, ", ")))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeFile completes the first argument with files.
func completeFile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
