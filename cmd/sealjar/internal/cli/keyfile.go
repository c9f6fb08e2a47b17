package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// kekVariable holds the key-encryption key if --kek-file does not name a file with it.
const kekVariable = "SEALJAR_KEK"

// kekFlag is where the key-encryption key is.
type kekFlag struct {
	file    string
	anyMode bool // others may read the file
}

func (f *kekFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "kek-file", "", "`file` with the key-encryption key of a sealed key file (otherwise $"+kekVariable+")")
}

// sealer is nil if there is no key-encryption key.
func (a *app) sealer(kek kekFlag) (keys.Sealer, error) {
	secret := a.Getenv(kekVariable)
	if kek.file != "" {
		text, err := kek.read()
		if err != nil {
			return nil, err
		}
		secret = text
	} else if secret == "" {
		return nil, nil
	}
	return keys.NewSealer(secret)
}

// read refuses a file that others may use, as an application refuses such a key file: with it, who has the key file can
// read that.
func (f *kekFlag) read() (string, error) {
	file, err := os.Open(f.file)
	if err != nil {
		return "", fmt.Errorf("key-encryption key: %w", err)
	}
	defer file.Close()
	// Of the open file, so that it is the one which is read.
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("key-encryption key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && !f.anyMode && runtime.GOOS != "windows" {
		return "", fmt.Errorf("key-encryption key %s: others than its owner may use it (mode %04o): want 0600, or set %s in its place",
			f.file, mode, kekVariable)
	}
	text, err := io.ReadAll(io.LimitReader(file, keys.MaxFileSize))
	if err != nil {
		return "", fmt.Errorf("key-encryption key: %w", err)
	}
	return string(text), nil
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
