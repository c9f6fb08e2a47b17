package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/stores"
	"github.com/sealjar/sealjar/revocation"
)

func (a *app) revocations() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "revocations",
		Short: "List revocations, and prepare their store",
		Long:  `The store is given by its URL: see ` + "`sealjar revoke --help`" + `.`,
	})
	cmd.AddCommand(a.revocationsList(), a.revocationsInit())
	return cmd
}

func (a *app) revocationsInit() *cobra.Command {
	var store storeFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the table that an SQL store needs, and check the store",
		Long: `Makes the table and its indexes, or what of them is missing, and checks that the store keeps what it
acknowledges. It may be called at every deploy. Redis needs no preparation, and is checked.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.use(cmd.Context(), store, true, func(context.Context, *stores.Store) error {
				fmt.Fprintln(a.Out, "the store is ready")
				return nil
			})
		},
	}
	store.add(cmd)
	return cmd
}

func (a *app) revocationsList() *cobra.Command {
	var store storeFlags
	var kind string
	var asJSON bool
	kinds := []string{"session", "renewed", "token", "subject", "group", "key", "all"}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the revocations that count",
		Long:  `Lists the revocations that have not expired, the latest first.`,
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if kind != "" && !slices.Contains(kinds, kind) {
				return usage("--kind %q: want session, renewed, token, subject, group, key or all", kind)
			}
			return a.use(cmd.Context(), store, false, func(ctx context.Context, store *stores.Store) error {
				entries, err := readAll(ctx, store, revocation.Kind(kind))
				if err != nil {
					return err
				}
				return a.printEntries(entries, asJSON)
			})
		},
	}
	store.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&kind, "kind", "", "only those of this kind")
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// readAll is what the store has, which is nothing that has expired, merged as nodes merge it: there may be several
// entries of one name.
func readAll(ctx context.Context, store revocation.Store, kind revocation.Kind) ([]revocation.Entry, error) {
	merged := map[revocation.Name]revocation.Entry{}
	_, err := store.Read(ctx, "", func(batch []revocation.Entry) error {
		for _, e := range batch {
			if kind != "" && e.Kind != kind {
				continue
			}
			name := revocation.Name{Kind: e.Kind, Name: e.Name}
			if have, there := merged[name]; there {
				until := later(have.Until, e.Until)
				if have.Cutoff.After(e.Cutoff) {
					e = have
				}
				e.Until = until
			}
			merged[name] = e
		}
		return nil
	})
	var list []revocation.Entry
	for _, e := range merged {
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y revocation.Entry) int {
		return cmp.Or(y.Cutoff.Compare(x.Cutoff), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Name, y.Name))
	})
	return list, err
}

func later(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}

type jsonEntry struct {
	Kind   revocation.Kind `json:"kind"`
	Name   string          `json:"name,omitempty"`
	Cutoff time.Time       `json:"cutoff"`
	Until  time.Time       `json:"until"`
	Reason string          `json:"reason,omitempty"`
}

func entryOf(e revocation.Entry) jsonEntry {
	return jsonEntry{Kind: e.Kind, Name: e.Name, Cutoff: e.Cutoff.UTC(), Until: e.Until.UTC(), Reason: e.Reason}
}

func (a *app) printEntries(entries []revocation.Entry, asJSON bool) error {
	if asJSON {
		list := []jsonEntry{}
		for _, e := range entries {
			list = append(list, entryOf(e))
		}
		return a.printJSON(map[string]any{"revocations": list})
	}
	now := a.Now()
	rows := [][]string{{"KIND", "NAME", "SIGNED IN UNTIL", "KEPT UNTIL", "REASON"}}
	for _, e := range entries {
		cutoff := showTime(e.Cutoff, "")
		switch e.Kind {
		case revocation.Session, revocation.Renewed, revocation.Token, revocation.Key:
			cutoff = "any time"
		}
		rows = append(rows, []string{
			string(e.Kind), cmp.Or(oneLine(e.Name), "-"), cutoff, showBoth(e.Until, now, ""), oneLine(e.Reason),
		})
	}
	return a.table(rows)
}
