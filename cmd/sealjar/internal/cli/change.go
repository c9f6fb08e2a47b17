package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// change is what the commands have in common that change a key file.
type change struct {
	kek    kekFlag
	policy policyFlags
	dryRun bool
	json   bool

	// done says in one line what was done, if anything was, for people.
	done string
	// wait says in one line why nothing was done.
	wait string
}

func newChange() *change { return &change{policy: newPolicyFlags()} }

func (c *change) add(cmd *cobra.Command) {
	c.policy.add(cmd, "that of the newest key")
	c.addOutput(cmd)
}

func (c *change) addOutput(cmd *cobra.Command) {
	c.kek.add(cmd)
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "say what would change, and change nothing")
	jsonFlag(cmd, &c.json)
}

// step returns the ring that is to follow.
type step func(ring *keys.Ring, policy keys.Policy, now time.Time) (*keys.Ring, error)

// apply changes the key file by the step, and by what rotation makes of it: a ring that has lost its spare gets another one at
// once, so that nobody needs a second command in an emergency.
func (a *app) apply(ctx context.Context, path string, c *change, do step) error {
	if err := c.policy.check(); err != nil {
		return err
	}
	vault, err := a.vault(path, c.kek)
	if err != nil {
		return err
	}
	now := a.Now()
	var before, after *keys.Ring
	_, _, err = vault.Update(ctx, func(ring *keys.Ring) (*keys.Ring, error) {
		if ring == nil {
			return nil, noFile(path)
		}
		before, after = ring, ring
		policy := c.policy.policy(ring)
		next, err := do(ring, policy, now)
		if err == nil {
			next, err = keys.Rotate(next, policy, now)
		}
		if err != nil {
			return nil, err
		}
		if next != ring { // two steps are one change
			if next, err = next.WithVersion(ring.Version() + 1); err != nil {
				return nil, err
			}
		}
		after = next
		if c.dryRun {
			return ring, nil
		}
		return next, nil
	})
	if err != nil {
		return err
	}
	return a.tell(path, c, before, after, now)
}

// tell prints what has changed, or would change. Before is nil if there was no file.
func (a *app) tell(path string, c *change, before, after *keys.Ring, now time.Time) error {
	warnings, err := c.warnings(before, after, now)
	if err != nil {
		return err
	}
	changes := compare(before, after)
	if c.json {
		return a.printJSON(changeReport(path, c, before, after, now, changes, warnings))
	}
	for _, w := range warnings {
		fmt.Fprintf(a.Err, "warning: %s\n", w)
	}
	if before == after {
		fmt.Fprintf(a.Out, "%s: nothing to do%s\n", path, c.wait)
		return nil
	}
	switch {
	case c.dryRun && before == nil:
		fmt.Fprintf(a.Out, "%s: would be made\n", path)
	case c.dryRun:
		fmt.Fprintf(a.Out, "%s: version %d would become %d\n", path, before.Version(), after.Version())
	case before == nil:
		fmt.Fprintf(a.Out, "%s: made, version %d\n", path, after.Version())
	default:
		fmt.Fprintf(a.Out, "%s: version %d is now %d, the old one is in %s\n", path, before.Version(), after.Version(), backup(path))
	}
	for _, d := range changes {
		for _, line := range d.lines(now) {
			fmt.Fprintln(a.Out, line)
		}
	}
	if c.done != "" && !c.dryRun {
		fmt.Fprintln(a.Out, c.done)
	}
	return nil
}

// warnings is what is wrong with the ring that results, and with getting there.
func (c *change) warnings(before, after *keys.Ring, now time.Time) ([]keys.Warning, error) {
	policy := c.policy.policy(after)
	warnings, err := after.Check(policy, now)
	if err != nil || before == nil || before == after {
		return warnings, err
	}
	late, err := keys.CheckStep(before, after, policy, now)
	if k := after.Sealing(now); k != nil && before.Key(k.ID()) != nil && before.Sealing(now) != before.Key(k.ID()) {
		if text := tooYoung(k, policy, now); text != "" {
			late = append(late, keys.Warning{Reason: keys.ReasonLate, KeyID: k.ID(), At: now, Text: text})
		}
	}
	return append(late, warnings...), err
}

// errLate is a key that starts before every node can know it.
func errLate(w keys.Warning) error {
	return errors.New(w.Text + "; let it start later, or say --allow-late")
}

type jsonChange struct {
	File          string        `json:"file"`
	Changed       bool          `json:"changed"`
	DryRun        bool          `json:"dry_run"`
	VersionBefore int64         `json:"version_before"`
	Version       int64         `json:"version"`
	Backup        string        `json:"backup,omitempty"`
	Changes       []difference  `json:"changes"`
	Keys          []jsonKey     `json:"keys"`
	Warnings      []jsonProblem `json:"warnings"`
}

func changeReport(path string, c *change, before, after *keys.Ring, now time.Time, changes []difference, warnings []keys.Warning) jsonChange {
	out := jsonChange{
		File: path, Changed: before != after, DryRun: c.dryRun, Version: after.Version(),
		Changes: changes, Keys: jsonKeys(after, now), Warnings: []jsonProblem{},
	}
	if before != nil {
		out.VersionBefore = before.Version()
		if out.Changed && !c.dryRun {
			out.Backup = backup(path)
		}
	}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, problemOf(w))
	}
	return out
}
