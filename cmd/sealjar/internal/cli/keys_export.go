package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

func (a *app) keysExport() *cobra.Command {
	var kek kekFlag
	var public, private, showSecrets bool
	var out string
	cmd := &cobra.Command{
		Use:   "export FILE (--public | --jwks)",
		Short: "Write the keys as a JWK Set for other programs",
		Long: `--public writes the keys that verify signatures (EdDSA and ES256), for anybody to read. HS256
has no such key and is left out.

--jwks writes everything, for a program in another language that opens or seals tokens. These
are secrets, so it also demands --insecure-show-secrets. --out writes a file that only you can
read, which a redirection of the shell does not.`,
		Example: `  sealjar keys export keys.json --public
  sealjar keys export keys.json --jwks --insecure-show-secrets --out reader.json`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case public == private:
				return usage("say either --public or --jwks")
			case private && !showSecrets:
				return usage("--jwks writes secrets: say --insecure-show-secrets as well")
			}
			ring, err := a.load(cmd.Context(), args[0], kek)
			if err != nil {
				return err
			}
			text, err := keys.Marshal(ring)
			if public {
				text, err = keys.Public(ring)
				a.warnOfHMAC(ring)
			}
			if err != nil {
				return err
			}
			if out == "" {
				_, err = a.Out.Write(text)
				return err
			}
			return writePrivate(out, text)
		},
	}
	kek.add(cmd)
	cmd.Flags().BoolVar(&public, "public", false, "the keys that verify, and no secret")
	cmd.Flags().BoolVar(&private, "jwks", false, "all keys, with their secrets")
	cmd.Flags().BoolVar(&showSecrets, "insecure-show-secrets", false, "allow secrets in the output")
	cmd.Flags().StringVar(&out, "out", "", "write to this new `file`, with mode 0600")
	return cmd
}

func (a *app) warnOfHMAC(ring *keys.Ring) {
	for _, k := range ring.Keys() {
		if k.Algorithm() == keys.HS256 {
			fmt.Fprintf(a.Err, "warning: key %q is left out: HS256 has no public part\n", k.ID())
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
