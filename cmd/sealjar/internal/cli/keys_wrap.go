package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysWrap() *cobra.Command {
	var c change
	cmd := &cobra.Command{
		Use:   "wrap FILE",
		Short: "Seal a key file under a key-encryption key, or under another one",
		Long: `Writes the key file anew, sealed under the key-encryption key in --kek-file or SEALJAR_KEK, under
a new version. The file may be plain, or sealed. To change the key-encryption key, put the new
one in front of the old one, with a comma between them; the first seals, all open.

An application that runs without the key-encryption key keeps the keys that it has, and reads
the file when it is started with keys.FileOptions.Sealer.`,
		Example: `  (umask 077; openssl rand -hex 32 > kek)
  sealjar keys wrap keys.json --kek-file kek`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rewrite(cmd.Context(), args[0], c, true)
		},
	}
	c.addOutput(cmd)
	return cmd
}

func (a *app) keysUnwrap() *cobra.Command {
	var c change
	plain := false
	cmd := &cobra.Command{
		Use:   "unwrap FILE --insecure-plain-text",
		Short: "Write a sealed key file as plain text",
		Long: `Writes a key file that is sealed under a key-encryption key anew, as plain text that only its
owner can read, under a new version.`,
		Example:           `  sealjar keys unwrap keys.json --kek-file kek --insecure-plain-text`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !plain {
				return usage("this writes secrets as plain text: say --insecure-plain-text")
			}
			return a.rewrite(cmd.Context(), args[0], c, false)
		},
	}
	c.addOutput(cmd)
	cmd.Flags().BoolVar(&plain, "insecure-plain-text", false, "allow secrets in plain text")
	return cmd
}

// rewrite writes the same keys, sealed or not.
func (a *app) rewrite(ctx context.Context, path string, c change, sealed bool) error {
	vault, err := a.vault(path, c.kek)
	if err != nil {
		return err
	}
	if vault.Sealer == nil {
		return usage("there is no key-encryption key: name a file with --kek-file, or set %s", kekVariable)
	}
	plain := keys.Vault{Store: vault.Store}
	ring, err := vault.Load(ctx)
	if err != nil && sealed {
		if unsealed, plainErr := plain.Load(ctx); plainErr == nil {
			ring, err = unsealed, nil
		}
	}
	if err == nil && ring == nil {
		err = noFile(path)
	}
	if err != nil {
		return err
	}
	next, err := ring.WithVersion(ring.Version() + 1)
	if err != nil {
		return err
	}
	c.done = "it is sealed under the key-encryption key"
	if !sealed {
		vault, c.done = plain, "it is plain text"
	}
	if !c.dryRun {
		if err := vault.Swap(ctx, ring, next); err != nil {
			return fmt.Errorf("nothing was changed: %w", err)
		}
	}
	c.policy = newPolicyFlags()
	return a.tell(path, &c, ring, next, a.Now())
}
