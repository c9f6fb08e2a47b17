package keys_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	ring := newRing(t, hmacKey(t, "a", now, now.AddDate(1, 0, 0)))
	require.NoError(t, keys.WriteFile(path, ring))
	requireOnly(t, path)

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	want, err := keys.Marshal(ring)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text))
	again, err := keys.ReadFile(path, keys.Options{Now: atNow})
	require.NoError(t, err)
	requireSameFile(t, ring, again)
}

// requireOnly says that there is a file at path that nobody else can read, and no other in its folder.
func requireOnly(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

// A file that others could read is a new one afterwards, and who had it open keeps the old text.
func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644)) //nolint:gosec // the case is a file that is too open
	old, err := os.Open(path)
	require.NoError(t, err)
	defer old.Close()
	require.NoError(t, keys.WriteFile(path, newRing(t, hmacKey(t, "a", time.Time{}, time.Time{}))))
	requireOnly(t, path)
	text := make([]byte, 10)
	n, err := old.Read(text)
	require.NoError(t, err)
	require.Equal(t, "old", string(text[:n]))
}

func TestWriteFileIsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	one, many := newRing(t, hmacKey(t, "a", time.Time{}, time.Time{})), []*keys.Key(nil)
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		many = append(many, hmacKey(t, id, time.Time{}, time.Time{}))
	}
	eight := newRing(t, many...)
	require.NoError(t, keys.WriteFile(path, one))
	var done atomic.Bool
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for !done.Load() {
			ring, err := keys.ReadFile(path, keys.Options{})
			if err == nil && len(ring.Keys()) != 1 && len(ring.Keys()) != 8 {
				err = errors.New("a part of a ring")
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	for range 30 {
		require.NoError(t, keys.WriteFile(path, eight))
		require.NoError(t, keys.WriteFile(path, one))
	}
	done.Store(true)
	require.NoError(t, <-failed)
	requireOnly(t, path)
}

func TestWriteFileFails(t *testing.T) {
	ring := newRing(t, hmacKey(t, "a", time.Time{}, time.Time{}))
	secrets := [][]byte{secret("a sig"), secret("a enc")}
	t.Run("no such folder", func(t *testing.T) {
		err := keys.WriteFile(filepath.Join(t.TempDir(), "none", "keys.json"), ring)
		requireRefused(t, err, secrets, "writing the key file")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("a folder of that name", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "keys.json")
		require.NoError(t, os.MkdirAll(filepath.Join(path, "full"), 0o700))
		requireRefused(t, keys.WriteFile(path, ring), secrets, "writing the key file")
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1, "the temporary file is gone")
	})
}

func TestReadFileRefused(t *testing.T) {
	folder := t.TempDir()
	t.Run("no file", func(t *testing.T) {
		_, err := keys.ReadFile(filepath.Join(folder, "none.json"), keys.Options{})
		requireRefused(t, err, nil, "key file", "none.json")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("a folder", func(t *testing.T) {
		_, err := keys.ReadFile(folder, keys.Options{})
		requireRefused(t, err, nil, "key file", folder)
		require.NotErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("an empty file", func(t *testing.T) {
		requireRefused(t, readFile(t, nil), nil, "unexpected end at byte 0")
	})
	t.Run("a file without end", func(t *testing.T) {
		if _, err := os.Stat("/dev/zero"); err != nil {
			t.Skip("this system has no /dev/zero")
		}
		require.Less(t, allocated(func() {
			_, err := keys.ReadFile("/dev/zero", keys.Options{})
			requireRefused(t, err, nil, "larger than 1048576 bytes (file /dev/zero)")
		}), uint64(32<<20))
	})
}

// The options go through the file to the ring.
func TestReadFileOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, keys.WriteFile(path, newRing(t, hmacKey(t, "a", now, now.Add(time.Hour)))))
	_, err := keys.ReadFile(path, keys.Options{Now: func() time.Time { return now.Add(-1) }})
	requireRefused(t, err, [][]byte{secret("a sig"), secret("a enc")}, "no key can seal now", path)
	_, err = keys.ReadFile(path, keys.Options{Now: atNow})
	require.NoError(t, err)
	_, err = keys.ReadFile(path, keys.Options{OpenOnly: true})
	require.NoError(t, err)
}
