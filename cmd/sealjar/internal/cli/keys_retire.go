package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysRetire() *cobra.Command {
	c, taint := newChange(), false
	cmd := &cobra.Command{
		Use:   "retire FILE KID",
		Short: "Stop sealing with a key, and sign nobody out",
		Long: `The key seals no more. If it is the one that seals, the spare takes over at once and another
spare is added. It opens tokens until the last that it has sealed has expired. A key that
never sealed is dropped.

With --taint its tokens are also sealed again under another key as soon as their users come
back, so that soon nothing in use depends on it. If the key may be in the wrong hands, that is
not enough: see ` + "`sealjar keys remove`" + `.`,
		Example: `  sealjar keys retire keys.json 7mkoqv2xya
  sealjar keys retire keys.json 7mkoqv2xya --taint`,
		Args:              arguments("FILE", "KID"),
		ValidArgsFunction: a.completeKeyID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.apply(cmd.Context(), args[0], c, func(ring *keys.Ring, policy keys.Policy, now time.Time) (*keys.Ring, error) {
				if taint {
					return ring.Taint(args[1], now)
				}
				return ring.Retire(args[1], policy, now)
			})
		},
	}
	c.add(cmd)
	cmd.Flags().BoolVar(&taint, "taint", false, "seal its tokens again under another key as they come back")
	return cmd
}
