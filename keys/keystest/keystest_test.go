package keystest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/keys/keystest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	keystest.Run(t, func(*testing.T) func() keys.Store {
		s := &keys.Memory{}
		return func() keys.Store { return s }
	})
}

func TestFileStore(t *testing.T) {
	keystest.Run(t, func(t *testing.T) func() keys.Store {
		path := filepath.Join(t.TempDir(), "keys.json")
		return func() keys.Store { return &keys.FileStore{Path: path} }
	})
}

func TestFileStoreBehindALink(t *testing.T) {
	keystest.Run(t, func(t *testing.T) func() keys.Store {
		folder := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(folder, "real"), 0o700))
		require.NoError(t, os.Symlink("real", filepath.Join(folder, "link")))
		path := filepath.Join(folder, "link", "keys.json")
		return func() keys.Store { return &keys.FileStore{Path: path} }
	})
}

func TestFileStoreKeepsABackup(t *testing.T) {
	folder := t.TempDir()
	s := &keys.FileStore{Path: filepath.Join(folder, "keys.json"), Backup: filepath.Join(folder, "keys.json.bak")}
	first := keys.Document{Version: 1, Data: []byte(`{"sealjar_version":1}`)}
	require.NoError(t, s.Swap(t.Context(), 0, first))
	require.NoFileExists(t, s.Backup)
	require.NoError(t, s.Swap(t.Context(), 1, keys.Document{Version: 2, Data: []byte(`{"sealjar_version":2}`)}))
	data, err := os.ReadFile(s.Backup)
	require.NoError(t, err)
	require.Equal(t, first.Data, data)
	for _, path := range []string{s.Path, s.Backup} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	left, err := filepath.Glob(filepath.Join(folder, ".sealjar-*"))
	require.NoError(t, err)
	require.Empty(t, left, "no temporary file stays")
}

func TestFileStoreReplacesWhatALinkPointsTo(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "target.json"), filepath.Join(folder, "keys.json")
	require.NoError(t, os.WriteFile(target, []byte(`{}`), 0o600))
	require.NoError(t, os.Symlink(target, link))
	s := &keys.FileStore{Path: link}
	require.NoError(t, s.Swap(t.Context(), 0, keys.Document{Version: 1, Data: []byte(`{"sealjar_version":1}`)}))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	data, err := os.ReadFile(target)
	require.NoError(t, err)
	require.Equal(t, `{"sealjar_version":1}`, string(data))
}
