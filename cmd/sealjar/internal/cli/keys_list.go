package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) keysList() *cobra.Command {
	var kek kekFlag
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list FILE",
		Short: "List the keys and what each does now",
		Long: `Lists the keys and what each does now:

  seals     seals new tokens, and opens
  spare     takes over next; known to every node already
  waits     takes over later than the spare
  opens     opens the tokens that it has sealed
  tainted   the same, and they are sealed again under another key at once
  verifies  opens; its signing key is a public one
  expired   does nothing: ` + "`sealjar keys rotate`" + ` drops it`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			ring, err := a.load(cmd.Context(), args[0], kek)
			if err != nil {
				return err
			}
			now := a.Now()
			if asJSON {
				return a.printJSON(jsonList{File: args[0], Version: ring.Version(), At: now.UTC(), Keys: jsonKeys(ring, now)})
			}
			fmt.Fprintf(a.Out, "%s: version %d\n\n", args[0], ring.Version())
			return a.table(keyTable(ring, now))
		},
	}
	kek.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

type jsonList struct {
	File    string    `json:"file"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	Keys    []jsonKey `json:"keys"`
}
