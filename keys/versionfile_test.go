package keys_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// TestAnOlderRingIsRefusedAfterARestart : a backup must not bring a removed key back to a process that has only just started.
func TestAnOlderRingIsRefusedAfterARestart(t *testing.T) {
	first, second := twoRings(t)
	folder := t.TempDir()
	path, kept := filepath.Join(folder, "keys.json"), filepath.Join(folder, "version")
	open := func() (*keys.File, error) {
		return keys.OpenFile(path, keys.FileOptions{Policy: plan, VersionFile: kept, Watch: keys.Watch{Logger: silent}})
	}
	require.NoError(t, keys.WriteFile(path, first))
	file, err := open()
	require.NoError(t, err)
	requireText(t, "1\n", kept)
	require.NoError(t, keys.WriteFile(path, second))
	require.NoError(t, file.Reload())
	requireText(t, "2\n", kept)

	require.NoError(t, keys.WriteFile(path, first))
	_, err = open()
	require.ErrorIs(t, err, keys.ErrRollback)
	require.ErrorContains(t, err, "version 1, and "+kept+" says 2: raise its version, or delete that file")

	require.ErrorIs(t, file.Reload(), keys.ErrRollback)
	requireText(t, "2\n", kept)
	require.NoError(t, file.AcceptRollback())
	requireText(t, "1\n", kept, "what one process was told the next one knows")
	_, err = open()
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(kept, []byte("7\n"), 0o600))
	_, err = open()
	require.ErrorIs(t, err, keys.ErrRollback)
	require.NoError(t, os.Remove(kept))
	_, err = open()
	require.NoError(t, err, "told by deleting the file")
}

func requireText(t *testing.T, want, path string, why ...any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(text), why...)
}

func TestARotatorRemembersItsVersion(t *testing.T) {
	store, kept := &keys.Memory{}, filepath.Join(t.TempDir(), "version")
	options := keys.RotatorOptions{Store: store, VersionFile: kept, Policy: plan, Watch: keys.Watch{Logger: silent}}
	r, err := keys.NewRotator(t.Context(), options)
	require.NoError(t, err)
	require.NoError(t, r.Update(t.Context(), func(ring *keys.Ring) (*keys.Ring, error) {
		return ring.With(generated(t, time.Now().Add(20*day), time.Time{}), time.Now())
	}))
	requireText(t, fmt.Sprintln(r.Ring().Version()), kept)
	options.Store = &keys.Memory{}
	require.NoError(t, options.Store.Swap(t.Context(), 0, keys.Document{Version: 1, Data: marshal(t, rotated(t, nil, time.Now()))}))
	_, err = keys.NewRotator(t.Context(), options)
	require.ErrorIs(t, err, keys.ErrRollback)
	options.Store = &keys.Memory{}
	_, err = keys.NewRotator(t.Context(), options)
	require.ErrorIs(t, err, keys.ErrRollback, "an emptied store makes no new keys")
	doc, err := options.Store.Load(t.Context())
	require.NoError(t, err)
	require.Nil(t, doc.Data)
}

// TestAProcessThatIsBehindDoesNotLowerTheVersion : two processes share the file.
func TestAProcessThatIsBehindDoesNotLowerTheVersion(t *testing.T) {
	first, second := twoRings(t)
	kept := filepath.Join(t.TempDir(), "version")
	with := func(o *keys.FileOptions) { o.VersionFile = kept }
	ahead, behind := watch(t, first, with), watch(t, first, with)
	third, err := second.WithVersion(3)
	require.NoError(t, err)
	ahead.write(third)
	require.NoError(t, ahead.file.Reload())
	behind.write(second)
	require.NoError(t, behind.file.Reload())
	requireText(t, "3\n", kept)
}

func TestVersionFileRefused(t *testing.T) {
	first, second := twoRings(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.json")
	require.NoError(t, keys.WriteFile(path, first))
	kept := filepath.Join(folder, "version")
	for name, text := range map[string]string{
		"no number refused": "x", "nothing refused": "", "a negative number refused": "-1\n", "another spelling refused": "+1\n",
		"more than a version refused": "9007199254740992\n", "a second line refused": "1\n1\n",
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(kept, []byte(text), 0o600))
			_, err := keys.OpenFile(path, keys.FileOptions{VersionFile: kept, Watch: keys.Watch{Logger: silent}})
			require.ErrorContains(t, err, "VersionFile "+kept+" does not hold a version")
		})
	}
	t.Run("a place where nothing can be kept refused", func(t *testing.T) {
		_, err := keys.OpenFile(path, keys.FileOptions{VersionFile: filepath.Join(folder, "none", "v"), Watch: keys.Watch{Logger: silent}})
		require.ErrorContains(t, err, "keys: VersionFile: ")
	})
	t.Run("a place that is gone later is told of", func(t *testing.T) {
		gone := filepath.Join(folder, "gone")
		require.NoError(t, os.Mkdir(gone, 0o700))
		w := watch(t, first, func(o *keys.FileOptions) { o.VersionFile = filepath.Join(gone, "version") })
		require.NoError(t, os.RemoveAll(gone))
		w.write(second)
		require.NoError(t, w.file.Reload())
		require.Equal(t, keys.ReasonForgotten, w.last().Warning.Reason)
		require.Equal(t, second.Version(), w.last().Version, "the ring is in use")
	})
}
