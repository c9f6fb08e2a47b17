package keys_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// counting is a key management service: each Unwrap costs.
type counting struct {
	keys.Sealer
	unwraps atomic.Int64
	down    atomic.Bool
}

func (c *counting) Unwrap(ctx context.Context, text string) ([]byte, error) {
	c.unwraps.Add(1)
	if c.down.Load() {
		return nil, errors.New("the service is down")
	}
	return c.Sealer.Unwrap(ctx, text)
}

func sealedFile(t *testing.T) (*watched, *counting, func(*keys.Ring), *keys.Ring) {
	t.Helper()
	sealer, err := keys.NewSealer(kek)
	require.NoError(t, err)
	service := &counting{Sealer: sealer}
	w := &watched{T: t, path: filepath.Join(t.TempDir(), "keys.json")}
	write := func(ring *keys.Ring) {
		t.Helper()
		store := &keys.FileStore{Path: w.path}
		have, err := store.Load(t.Context())
		require.NoError(t, err)
		require.NoError(t, store.Swap(t.Context(), have.Version, sealedDocument(t, sealer, ring)))
	}
	first, second := twoRings(t)
	write(second)
	w.file, err = keys.OpenFile(w.path, keys.FileOptions{
		Policy: plan, Sealer: service, Watch: keys.Watch{Logger: silent, Observe: w.observe},
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, service.unwraps.Load())
	return w, service, write, first
}

// sealedDocument is what a store holds that keeps the ring sealed.
func sealedDocument(t *testing.T, sealer keys.Sealer, ring *keys.Ring) keys.Document {
	t.Helper()
	var store keys.Memory
	require.NoError(t, keys.Vault{Store: &store, Sealer: sealer}.Swap(t.Context(), nil, ring))
	doc, err := store.Load(t.Context())
	require.NoError(t, err)
	return doc
}

// TestARefusedFileIsUnwrappedOnce : an older file stays where it is for a day, and the service is asked once.
func TestARefusedFileIsUnwrappedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, service, write, older := sealedFile(t)
		defer w.run()()
		write(older)
		time.Sleep(day)
		require.ErrorIs(t, w.file.Status().Err, keys.ErrRollback)
		require.EqualValues(t, 2, service.unwraps.Load())
		require.NoError(t, w.file.AcceptRollback())
		require.EqualValues(t, 2, service.unwraps.Load())
		require.Equal(t, older.Version(), w.file.Ring().Version())
	})
}

// TestAServiceThatIsDownIsAskedNowAndThen : and at once if somebody calls Reload.
func TestAServiceThatIsDownIsAskedNowAndThen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, service, write, older := sealedFile(t)
		defer w.run()()
		service.down.Store(true)
		next, err := older.WithVersion(3)
		require.NoError(t, err)
		write(next)
		time.Sleep(time.Minute)
		require.ErrorContains(t, w.file.Status().Err, "the service is down")
		require.InDelta(t, 3, service.unwraps.Load(), 1, "60 looks")
		asked := service.unwraps.Load()
		require.Error(t, w.file.Reload())
		require.Equal(t, asked+1, service.unwraps.Load())
		service.down.Store(false)
		time.Sleep(31 * time.Second)
		require.EqualValues(t, 3, w.file.Ring().Version())
	})
}

// TestARefusedRowIsUnwrappedOnce is the same for a rotator.
func TestARefusedRowIsUnwrappedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		sealer, err := keys.NewSealer(kek)
		require.NoError(t, err)
		service, store := &counting{Sealer: sealer}, &keys.Memory{}
		first, second := twoRings(t)
		require.NoError(t, store.Swap(t.Context(), 0, sealedDocument(t, sealer, second)))
		r, err := keys.NewRotator(t.Context(), keys.RotatorOptions{
			Store: store, Sealer: service, Policy: plan, Interval: time.Second, Watch: keys.Watch{Logger: silent},
		})
		require.NoError(t, err)
		defer start(t, r)()
		asked := service.unwraps.Load()
		require.NoError(t, store.Swap(t.Context(), r.Ring().Version(), sealedDocument(t, sealer, first)))
		time.Sleep(time.Hour)
		require.ErrorIs(t, r.Status().Err, keys.ErrRollback)
		require.Equal(t, asked+1, service.unwraps.Load())
	})
}
