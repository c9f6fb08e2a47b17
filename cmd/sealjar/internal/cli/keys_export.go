package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// export is what the command is asked to write.
type export struct {
	kek                           kekFlag
	fromSecrets, out              string
	public, jwks, withSigningKeys bool
}

func (a *app) keysExport() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:   "export (FILE | --from-secrets VARIABLE) (--public | --jwks)",
		Short: "Write the keys as a JWK Set for other programs",
		Long: `--public writes the keys that verify signatures (EdDSA and ES256), for anybody to read. They
open nothing: tokens are encrypted. HS256 has no such key and is left out; with no other
there is nothing to write, which is an error.

--jwks writes what opens tokens, for a program that reads sessions, in another language or
as a sealjar that only opens: for each kid the public signing key and the encryption key. Who
has it reads what is in every session, and can make none. With HS256 who verifies can also
sign, so these keys are left out.

--jwks --with-signing-keys writes everything. Who has it can sign in as anybody.

What --jwks writes is secret: --out makes a file that only you can read, which a redirection
of the shell does not. --from-secrets takes the secrets that an application has in an
environment variable, and writes the keys (HS256) that derive from them.`,
		Example: `  sealjar keys export keys.json --public
  sealjar keys export keys.json --jwks --out reader.json
  sealjar keys export keys.json --jwks --with-signing-keys --out issuer.json
  sealjar keys export --from-secrets SEALJAR_SECRET --jwks --with-signing-keys --out issuer.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if e.fromSecrets == "" {
				return arguments("FILE")(cmd, args)
			}
			return arguments()(cmd, args)
		},
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case e.public == e.jwks:
				return usage("say either --public or --jwks")
			case e.public && e.withSigningKeys:
				return usage("--with-signing-keys goes with --jwks")
			}
			ring, err := a.exported(cmd.Context(), args, &e)
			if err != nil {
				return err
			}
			return a.export(ring, &e)
		},
	}
	e.kek.add(cmd)
	cmd.Flags().BoolVar(&e.public, "public", false, "the keys that verify, and no secret")
	cmd.Flags().BoolVar(&e.jwks, "jwks", false, "the keys that open, which are secret")
	cmd.Flags().BoolVar(&e.withSigningKeys, "with-signing-keys", false, "with --jwks: also the keys that make sessions, as anybody")
	cmd.Flags().StringVar(&e.fromSecrets, "from-secrets", "", "the keys of the secrets that this environment `variable` holds")
	cmd.Flags().StringVar(&e.out, "out", "", "write to this new `file`, with mode 0600")
	return cmd
}

func (a *app) exported(ctx context.Context, args []string, e *export) (*keys.Ring, error) {
	if e.fromSecrets != "" {
		return a.ringFromSecrets(e.fromSecrets)
	}
	return a.load(ctx, args[0], e.kek)
}

func (a *app) export(ring *keys.Ring, e *export) error {
	write, why := keys.MarshalOpenOnly, "with HS256 who verifies can sign: --with-signing-keys takes it in"
	switch {
	case e.withSigningKeys:
		write, why = keys.Marshal, ""
	case e.public:
		write, why = keys.Public, "HS256 has no public part"
	}
	text, err := write(ring)
	if err != nil && e.jwks && !e.withSigningKeys {
		return fmt.Errorf("%w; --with-signing-keys exports them all the same", err)
	}
	if err != nil {
		return err
	}
	if e.public && !slices.ContainsFunc(ring.Keys(), func(k *keys.Key) bool { return k.Algorithm() != keys.HS256 }) {
		return errors.New("every key signs with HS256, which has no public part: want EdDSA or ES256")
	}
	if why != "" {
		a.warnOfHMAC(ring, why)
	}
	if e.out != "" {
		return writePrivate(e.out, text)
	}
	if e.jwks {
		fmt.Fprintln(a.Err, "warning: what follows is secret: --out writes it to a file that only you can read")
	}
	_, err = a.Out.Write(text)
	return err
}

func (a *app) warnOfHMAC(ring *keys.Ring, why string) {
	for _, k := range ring.Keys() {
		if k.Algorithm() == keys.HS256 {
			fmt.Fprintf(a.Err, "warning: key %q is left out: %s\n", k.ID(), why)
		}
	}
}

// writePrivate makes a file that only its owner can read.
func writePrivate(path string, text []byte) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
