package keys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// FileStore is a [Store] in a key file: what a [File] follows, a FileStore changes. Several processes of one machine
// may use it at a time; on a network file system it is as good as its locks.
//
// A writer holds a lock on a second file, Path with ".lock" at its end, which stays. The system lets go of the lock
// when the process ends, however it ends. The new text goes to a temporary file, to the disk, and then to its name, so
// that a reader sees the old file or the new one and never a part. The file has the mode 0600, and the owner that it
// had, if the process may set it.
type FileStore struct {
	// Path is that of the key file. It may be a symbolic link, and what it points to is replaced.
	Path string

	// Backup is where the file is kept that Swap replaces, if not empty.
	Backup string
}

// Load reads the file.
func (s *FileStore) Load(ctx context.Context) (Document, error) {
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	file, err := os.Open(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, nil
	}
	if err != nil {
		return Document{}, fmt.Errorf("keys: key file: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return Document{}, fmt.Errorf("keys: key file: %w", err)
	}
	envelope, err := readEnvelope(data)
	if err != nil {
		return Document{}, fmt.Errorf("%w (file %s)", err, s.Path)
	}
	return Document{Version: envelope.version, Data: data}, nil
}

// Swap replaces the file. A file without a version has the version 0, like no file; with old 0 it is replaced.
func (s *FileStore) Swap(ctx context.Context, old int64, next Document) error {
	path := s.Path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	unlock, err := lock(ctx, path+".lock")
	if err != nil {
		return fmt.Errorf("keys: locking the key file: %w", err)
	}
	defer unlock()
	have, err := s.Load(ctx)
	if err != nil {
		return err
	}
	if have.Version != old {
		return ErrConflict
	}
	if s.Backup != "" && have.Data != nil {
		if err := replaceFile(s.Backup, have.Data); err != nil {
			return fmt.Errorf("keys: writing the backup of the key file: %w", err)
		}
	}
	if err := replaceFile(path, next.Data); err != nil {
		return fmt.Errorf("keys: writing the key file: %w", err)
	}
	return nil
}

// lockPause is how long to wait for another writer, who has little to do, before trying again.
const lockPause = 5 * time.Millisecond

// lock waits for the lock on the file at path, which it makes if need be.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		locked, err := tryLock(file)
		if err == nil && locked {
			return func() { _ = file.Close() }, nil
		}
		if err == nil {
			err = wait(ctx, lockPause)
		}
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
}

// replaceFile writes data to a temporary file, to the disk, and then to its name.
func replaceFile(path string, data []byte) error {
	folder := filepath.Dir(path)
	// CreateTemp gives mode 0600.
	temp, err := os.CreateTemp(folder, ".sealjar-keys-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // not there any more if all goes well
	_, err = temp.Write(data)
	if old, statErr := os.Stat(path); statErr == nil {
		keepOwner(temp, old)
	}
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}
