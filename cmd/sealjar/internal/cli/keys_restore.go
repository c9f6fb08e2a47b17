package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysRestore() *cobra.Command {
	c, above, bringBack := newChange(), int64(0), false
	cmd := &cobra.Command{
		Use:   "restore FILE BACKUP",
		Short: "Put the keys of a backup into use, under a new version",
		Long: `Nodes refuse a key file with a lower version than the one they have, so a backup that is
copied over the file has no effect on them: otherwise it could bring a removed key back. This
command writes the keys of BACKUP to FILE under a version that is higher than both.

If FILE is lost, or the backup has been copied over it already, nothing but the nodes knows which
version they have, and they would refuse one that is not higher. So a FILE that is not newer than
BACKUP is left alone, unless --above says that version: it is in their logs and in Status().
Keys that FILE no longer has are in BACKUP either because they have expired or because somebody
removed them; --bring-back says that they are meant to come back.`,
		Example: `  sealjar keys restore keys.json keys.json.bak --dry-run
  sealjar keys restore keys.json /backup/keys.json --above 17`,
		Args: arguments("FILE", "BACKUP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.restore(cmd.Context(), args[0], args[1], c, above, bringBack)
		},
	}
	c.policy.addTimes(cmd)
	c.addOutput(cmd)
	cmd.Flags().Int64Var(&above, "above", 0, "the version that the nodes have, if FILE is lost or overwritten")
	cmd.Flags().BoolVar(&bringBack, "bring-back", false, "let keys come back that FILE no longer has")
	return cmd
}

const sayAbove = "say with --above which version the nodes have (it is in their logs and in Status())"

func (a *app) restore(ctx context.Context, path, from string, c *change, above int64, bringBack bool) error {
	saved, err := a.load(ctx, from, c.kek)
	if err != nil {
		return err
	}
	vault, err := a.vault(path, c.kek)
	if err != nil {
		return err
	}
	present, err := vault.Load(ctx)
	if err != nil {
		return fmt.Errorf("%w: move it away and give --above", err)
	}
	highest := max(saved.Version(), above)
	switch {
	case present == nil && above == 0:
		return usage("there is no key file %s: %s", path, sayAbove)
	case present != nil && above == 0 && present.Version() <= saved.Version():
		return usage("%s has version %d, which is not higher than that of %s (%d), as if it had been copied over: %s",
			path, present.Version(), from, saved.Version(), sayAbove)
	case present != nil:
		highest = max(highest, present.Version())
	}
	now := a.Now()
	if present != nil && !bringBack {
		if back := comeBack(present, saved, now); len(back) > 0 {
			return fmt.Errorf("%s would come back, which %s has no longer: say --bring-back if nobody else can have got hold of it",
				strings.Join(back, ", "), path)
		}
	}
	next, err := saved.WithVersion(highest + 1)
	if err != nil {
		return err
	}
	if !c.dryRun {
		if err := vault.Swap(ctx, present, next); err != nil {
			return err
		}
	}
	return a.tell(path, c, present, next, now)
}

// comeBack names the keys of a backup that are not in the file and still open tokens.
func comeBack(present, saved *keys.Ring, now time.Time) (ids []string) {
	for _, k := range saved.Keys() {
		if present.Key(k.ID()) == nil && !k.Expired(now) {
			ids = append(ids, k.ID())
		}
	}
	return ids
}
