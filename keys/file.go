package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadFile reads the key file at path once; see [Parse] for its form. An error that matches [os.ErrNotExist] says that
// there is none.
func ReadFile(path string, opts Options) (*Ring, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", howToMake(err, path))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", err)
	}
	ring, err := Parse(data, opts)
	if err != nil {
		return nil, fmt.Errorf("%w (file %s)", err, path)
	}
	return ring, nil
}

// howToMake adds to the error of a key file that is not there yet. Of one that was there nobody should make another:
// that would sign everybody out.
func howToMake(err error, path string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w (`sealjar keys init %s` makes one)", err, path)
	}
	return err
}

// WriteFile writes r to a key file at path with mode 0600. A reader sees the old file or the new one and never a part:
// the text goes to a temporary file in the same folder, to the disk, and then to its name.
func WriteFile(path string, r *Ring) (err error) {
	data, err := Marshal(r)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keys: writing the key file: %w", err)
		}
	}()
	// CreateTemp gives mode 0600.
	temp, err := os.CreateTemp(filepath.Dir(path), ".sealjar-keys-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // not there any more if all goes well
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
