package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/stores"
)

// storeVariable holds the URL of the store if --store does not. A password on a command line is seen by every user of
// the machine.
const storeVariable = "SEALJAR_REVOCATIONS"

// storeTimeout bounds a command: an operator in a hurry must hear of a store that does not answer.
const storeTimeout = time.Minute

type storeFlags struct {
	url, name string
	insecure  bool
}

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "store", "", "`URL` of the store of revocations (otherwise $"+storeVariable+")")
	cmd.Flags().StringVar(&f.name, "name", "", "table, stream or key `prefix` of the store, if the application sets one")
	cmd.Flags().BoolVar(&f.insecure, "insecure-durability", false, "accept a store that may forget revocations in a crash")
}

// use opens the store, calls do with it and closes it.
func (a *app) use(ctx context.Context, f storeFlags, create bool, do func(context.Context, *stores.Store) error) error {
	url := f.url
	if url == "" {
		url = a.Getenv(storeVariable)
	}
	if url == "" {
		return usage("there is no store: give its URL with --store or in %s", storeVariable)
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	store, err := stores.Open(ctx, url, stores.Options{Name: f.name, InsecureDurability: f.insecure, Create: create, Now: a.Now})
	if errors.Is(err, stores.ErrURL) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, store), store.Close())
}
