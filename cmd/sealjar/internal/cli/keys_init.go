package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysInit() *cobra.Command {
	c, fromSecrets := newChange(), ""
	cmd := &cobra.Command{
		Use:   "init FILE",
		Short: "Make a key file: a key that seals, and a spare",
		Long: `Makes a key file with a key that seals at once and a spare that takes over after --period.
A file that is there already is never touched.

--from-secrets moves an application from a secret in an environment variable to a key
file: the keys are those that sealjar derives from the secrets, under the same ids, so every
session survives, and a node that still has the variable understands one that has the file
until the spare takes over. With --alg the spare signs in another way than HS256.`,
		Example: `  sealjar keys init keys.json
  sealjar keys init keys.json --alg EdDSA --period 90d
  sealjar keys init keys.json --from-secrets SEALJAR_SECRET`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.initFile(cmd.Context(), args[0], c, fromSecrets)
		},
	}
	c.policy.add(cmd, string(keys.HS256))
	c.addOutput(cmd)
	cmd.Flags().StringVar(&fromSecrets, "from-secrets", "", "take over the secrets that this environment `variable` holds")
	return cmd
}

func (a *app) initFile(ctx context.Context, path string, c *change, fromSecrets string) error {
	if err := c.policy.check(); err != nil {
		return err
	}
	vault, err := a.vault(path, c.kek)
	if err != nil {
		return err
	}
	if exists(path) {
		return fmt.Errorf("%s is there already: nothing was changed", path)
	}
	now := a.Now()
	var old *keys.Ring
	if fromSecrets != "" {
		if old, err = a.ringFromSecrets(fromSecrets); err != nil {
			return err
		}
	}
	policy := c.policy.policy(nil) // the algorithm is HS256 unless the flag says otherwise
	ring, err := keys.Rotate(old, policy, now)
	if err != nil {
		return err
	}
	c.done = nextStep(ring, now)
	if !c.dryRun {
		err := vault.Swap(ctx, nil, ring)
		if errors.Is(err, keys.ErrConflict) {
			return fmt.Errorf("%s was made by somebody else in this moment: nothing was changed", path)
		}
		if err != nil {
			return err
		}
	}
	return a.tell(path, c, nil, ring, now)
}

func (a *app) ringFromSecrets(variable string) (*keys.Ring, error) {
	secrets := a.Getenv(variable)
	if secrets == "" {
		return nil, fmt.Errorf("the environment variable %s is empty", variable)
	}
	ring, err := keys.FromSecrets(secrets)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return ring, nil
}

// nextStep says when the spare takes over.
func nextStep(r *keys.Ring, now time.Time) string {
	if spare := r.Spare(now); spare != nil {
		return fmt.Sprintf("%s takes over %s", spare.ID(), showBoth(spare.NotBefore(), now, ""))
	}
	return ""
}
