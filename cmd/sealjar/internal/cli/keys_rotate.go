package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysRotate() *cobra.Command {
	c, atOnce, allowLate := newChange(), false, false
	cmd := &cobra.Command{
		Use:   "rotate FILE",
		Short: "Do the step of rotation that is due, if one is",
		Long: `Does what is due: adds the next spare two days before the spare takes over, gives an end to each
key that is replaced, and drops the keys whose last token has expired. Most days nothing is
due and nothing is written. Run it daily, or after each deploy; nobody is signed out.

Give it the same --period, --session and --propagation each time. --session must not be
shorter than the longest session that the application allows (remember-me: 30 days).

--now lets the spare take over at once. Every node knows it already, so this signs nobody
out either. A spare that is younger than --propagation is refused, because a node that
does not know it yet refuses its tokens; --allow-late says that it must be.`,
		Example: `  sealjar keys rotate keys.json --dry-run
  sealjar keys rotate keys.json
  sealjar keys rotate keys.json --now`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.apply(cmd.Context(), args[0], c, func(ring *keys.Ring, policy keys.Policy, now time.Time) (*keys.Ring, error) {
				spare := ring.Spare(now)
				if atOnce {
					if spare == nil {
						return nil, errors.New("there is no spare that could take over: run `sealjar keys rotate` without --now first")
					}
					if text := tooYoung(spare, policy, now); text != "" && !allowLate {
						return nil, errors.New(text + "; wait, or say --allow-late")
					}
					return ring.Promote(spare.ID(), now)
				}
				if spare != nil {
					c.wait = fmt.Sprintf(": %s takes over %s", spare.ID(), showBoth(spare.NotBefore(), now, ""))
				}
				return ring, nil
			})
		},
	}
	c.add(cmd)
	cmd.Flags().BoolVar(&atOnce, "now", false, "let the spare take over at once")
	cmd.Flags().BoolVar(&allowLate, "allow-late", false, "with --now, even if not every node knows it")
	return cmd
}

// tooYoung says that not every node can know a key yet, or nothing.
func tooYoung(k *keys.Key, policy keys.Policy, now time.Time) string {
	known := k.Created().Add(policy.Propagation)
	if k.Created().IsZero() || !known.After(now) {
		return ""
	}
	return fmt.Sprintf("not every node knows key %q before %s: one that does not refuses its tokens", k.ID(), showBoth(known, now, ""))
}
