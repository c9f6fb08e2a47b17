//go:build !unix || solaris || aix

package keys

import (
	"errors"
	"io/fs"
	"os"
)

// Package syscall has no lock here that ends with the process.
func tryLock(*os.File) (bool, error) {
	return false, errors.New("FileStore is not supported on this system")
}

func keepOwner(*os.File, fs.FileInfo) {}

func syncFolder(string) error { return nil }
