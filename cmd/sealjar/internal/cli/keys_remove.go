package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysRemove() *cobra.Command {
	c := newChange()
	cmd := &cobra.Command{
		Use:   "remove FILE KID",
		Short: "Remove a key: every session under it ends at once",
		Long: `Removes the key. Its tokens are refused as soon as a node has the new file, and whoever has
one is signed out; all others are not touched. This is what to do when a key has leaked: with
it anybody can make tokens that every node believes. If it is the one that seals, the spare
takes over at once, which every node knows already, and another spare is added.

What was there before is kept in FILE.bak, with the key. Delete it when it is no longer needed.`,
		Example:           `  sealjar keys remove keys.json 7mkoqv2xya`,
		Args:              arguments("FILE", "KID"),
		ValidArgsFunction: a.completeKeyID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.apply(cmd.Context(), args[0], c, func(ring *keys.Ring, _ keys.Policy, now time.Time) (*keys.Ring, error) {
				next, err := ring.Without(args[1], now)
				if err == nil && stateOf(ring, ring.Key(args[1]), now) != stateExpired && !ring.Key(args[1]).NotBefore().After(now) {
					c.done = "sessions under " + args[1] + " end as soon as a node has this file"
				}
				return next, err
			})
		},
	}
	c.add(cmd)
	return cmd
}
