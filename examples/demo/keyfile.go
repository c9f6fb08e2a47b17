package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// keyFileOptions is how both processes follow the key file.
func keyFileOptions(w keys.Watch) keys.FileOptions {
	return keys.FileOptions{Policy: policy(), Interval: 200 * time.Millisecond, Watch: w}
}

// openKeys opens the key file, or makes one first.
func openKeys(path string, options keys.FileOptions) (*keys.File, error) {
	file, err := keys.OpenFile(path, options)
	if !errors.Is(err, os.ErrNotExist) {
		return file, err
	}
	if err := makeKeys(path); err != nil {
		return nil, err
	}
	return keys.OpenFile(path, options)
}

// makeKeys makes a key file with one key that seals since ever.
func makeKeys(path string) error {
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return keys.WriteFile(path, ring)
}
