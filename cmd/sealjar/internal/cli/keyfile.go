package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// kekVariable holds the key-encryption key if --kek-file does not name a file with it.
const kekVariable = "SEALJAR_KEK"

// kekFlag is where the key-encryption key is.
type kekFlag struct{ file string }

func (f *kekFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "kek-file", "", "`file` with the key-encryption key of a sealed key file (otherwise $"+kekVariable+")")
}

// sealer is nil if there is no key-encryption key.
func (a *app) sealer(kek kekFlag) (keys.Sealer, error) {
	secret := a.Getenv(kekVariable)
	if kek.file != "" {
		text, err := os.ReadFile(kek.file)
		if err != nil {
			return nil, fmt.Errorf("key-encryption key: %w", err)
		}
		secret = string(text)
	} else if secret == "" {
		return nil, nil
	}
	return keys.NewSealer(secret)
}

// vault is a key file, whose present text is kept in a second file when it changes.
func (a *app) vault(path string, kek kekFlag) (keys.Vault, error) {
	sealer, err := a.sealer(kek)
	if err != nil {
		return keys.Vault{}, err
	}
	return keys.Vault{Store: &keys.FileStore{Path: path, Backup: backup(path)}, Sealer: sealer}, nil
}

func backup(path string) string { return path + ".bak" }

// load reads a key file, also one of which no key can seal now.
func (a *app) load(ctx context.Context, path string, kek kekFlag) (*keys.Ring, error) {
	vault, err := a.vault(path, kek)
	if err != nil {
		return nil, err
	}
	ring, err := vault.Load(ctx)
	if err == nil && ring == nil {
		err = noFile(path)
	}
	return ring, err
}

func noFile(path string) error {
	return fmt.Errorf("there is no key file %s: make one with `sealjar keys init %[1]s`", path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
