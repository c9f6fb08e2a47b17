package cli

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// checkOptions is what `keys check` was told.
type checkOptions struct {
	kek     kekFlag
	policy  policyFlags
	at      moment
	horizon duration
	anyMode bool
	json    bool
}

func (a *app) keysCheck() *cobra.Command {
	o := checkOptions{policy: newPolicyFlags(), at: moment{now: a.Now}, horizon: duration(week)}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say what the file does at a time, and what is wrong with it",
		Long: `Says which key seals at a time and which open, when the next keys take over, and what is wrong:
what makes an application refuse the file, and what will be wrong if nobody changes it.
Trouble that begins later than --horizon is told of and is no problem yet. That a spare is missing
is one: the daily job, which publishes it two days ahead, has failed for that long.

Exit code 3 says that there are problems, so it can be the check of a deploy or of monitoring.`,
		Example: `  sealjar keys check keys.json
  sealjar keys check keys.json --at +60d
  sealjar keys check keys.json --at 2026-12-24T18:00:00Z --json`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.check(cmd.Context(), args[0], o)
		},
	}
	o.kek.add(cmd)
	o.policy.addTimes(cmd)
	jsonFlag(cmd, &o.json)
	cmd.Flags().Var(&o.at, "at", "the time to look at (default: now)")
	cmd.Flags().Var(&o.horizon, "horizon", "how far ahead trouble is a problem")
	cmd.Flags().BoolVar(&o.anyMode, "insecure-file-mode", false, "accept files that others can read, as the application does with InsecureFileMode")
	return cmd
}

func (a *app) check(ctx context.Context, path string, o checkOptions) error {
	if !exists(path) {
		return noFile(path)
	}
	at := o.at.or(a.Now())
	report := jsonCheck{
		File: path, At: at.UTC(), OK: true,
		Opening: []string{}, Keys: []jsonKey{}, Timeline: []jsonSpan{}, Problems: []jsonProblem{},
	}
	ring, problems, err := a.problems(ctx, path, o, at)
	if err != nil {
		return err
	}
	for _, p := range problems {
		report.OK = report.OK && !p.Problem
		report.Problems = append(report.Problems, p)
	}
	if ring != nil {
		report.describe(ring, at)
	}
	if o.json {
		err = a.printJSON(report)
	} else {
		err = a.printCheck(report, ring, a.Now())
	}
	if err == nil && !report.OK {
		err = errProblems
	}
	return err
}

// problems is what is wrong with the file, and its ring, nil if it has none.
func (a *app) problems(ctx context.Context, path string, o checkOptions, at time.Time) (*keys.Ring, []jsonProblem, error) {
	o.kek.anyMode = o.anyMode
	sealer, err := a.sealer(o.kek)
	if err != nil {
		return nil, nil, err
	}
	policy := o.policy.policy(nil)
	var list []jsonProblem
	refused := func(err error) {
		text := "an application refuses it: " + strings.TrimPrefix(err.Error(), "keys: ")
		list = append(list, jsonProblem{Reason: "refused", Text: text, Problem: true})
	}
	// What an application does when it starts. That a key seals is among what Check finds.
	file, err := keys.OpenFile(path, keys.FileOptions{
		Policy: policy, Sealer: sealer, OpenOnly: true, InsecureFileMode: o.anyMode,
		Watch: keys.Watch{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return at }},
	})
	if errors.Is(err, fs.ErrPermission) {
		return nil, nil, err
	}
	var ring *keys.Ring
	if err != nil {
		refused(err)
		if ring, _ = a.load(ctx, path, o.kek); ring == nil {
			return nil, list, nil // why was said already
		}
	} else {
		ring = file.Ring()
	}
	if err := ring.Require(policy.Session, at); err != nil {
		refused(err)
	}
	warnings, err := ring.Check(policy, at)
	if err != nil {
		return nil, nil, err
	}
	for _, w := range warnings {
		p := problemOf(w)
		if w.Reason == keys.ReasonNoSpare {
			p.Text += ": `sealjar keys rotate` is due"
		}
		p.Problem = !w.At.After(at.Add(time.Duration(o.horizon)))
		list = append(list, p)
	}
	return ring, list, nil
}
