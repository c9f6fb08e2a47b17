package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysAdd() *cobra.Command {
	c, allowLate := newChange(), false
	from, until := moment{now: a.Now}, moment{now: a.Now}
	cmd := &cobra.Command{
		Use:   "add FILE",
		Short: "Add a key that seals from a date on",
		Long: `Adds a key that seals from --from on, by default as soon as every node can know it: after
--propagation, and half a minute for clocks that differ. A key that starts earlier is refused,
because a node that does not know it refuses its tokens; --allow-late says that it must be.

A planned rotation does not need this: see ` + "`sealjar keys rotate`" + `.`,
		Example: `  sealjar keys add keys.json
  sealjar keys add keys.json --alg EdDSA --from +1h
  sealjar keys add keys.json --from 2026-12-24 --until 2027-03-01`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.apply(cmd.Context(), args[0], c, func(ring *keys.Ring, policy keys.Policy, now time.Time) (*keys.Ring, error) {
				start := from.or(now.Add(policy.Propagation + keys.Leeway + time.Second).Truncate(time.Second))
				key, err := keys.Generate(policy.Algorithm, start, until.at)
				if err != nil {
					return nil, err
				}
				next, err := ring.With(key, now)
				if err != nil || allowLate {
					return next, err
				}
				late, err := keys.CheckStep(ring, next, policy, now)
				if err != nil {
					return nil, err
				}
				if len(late) > 0 {
					return nil, errLate(late[0])
				}
				return next, nil
			})
		},
	}
	c.add(cmd)
	cmd.Flags().Var(&from, "from", "when it starts to seal (default: as soon as every node can know it)")
	cmd.Flags().Var(&until, "until", "when it stops to open (default: when its last token has expired)")
	cmd.Flags().BoolVar(&allowLate, "allow-late", false, "let it start before every node can know it")
	return cmd
}
