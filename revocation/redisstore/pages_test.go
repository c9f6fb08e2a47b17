package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/redisstore"
)

// Whatever the number of pages, each entry comes once and in its order, and a reader who stops in between gets his
// error and leaves nothing behind.
func TestPages(t *testing.T) {
	client := single(testserver.Redis(t, durable...).Addr)
	defer client.Close()
	store, err := redisstore.Open(t.Context(), client, redisstore.Options{})
	require.NoError(t, err)
	const all = 2*revocation.MaxBatch + 7
	now, after := time.Now(), revocation.Cursor("")
	entry := func(i int) revocation.Entry {
		return revocation.Entry{Kind: revocation.Session, Name: fmt.Sprint("s", i), Cutoff: now, Until: now.Add(time.Hour)}
	}
	for from := 0; from < all; {
		n := min(all-from, revocation.MaxBatch)
		batch := make([]revocation.Entry, n)
		for i := range batch {
			batch[i] = entry(from + i)
		}
		require.NoError(t, store.Add(t.Context(), batch...))
		if from += n; from == revocation.MaxBatch { // a page that is full, and the last
			count := 0
			after, err = store.Read(t.Context(), "", func(batch []revocation.Entry) error { count += len(batch); return nil })
			require.NoError(t, err)
			require.Equal(t, from, count)
		}
	}
	read := func(ctx context.Context, from revocation.Cursor, apply func(int) error) error {
		i := 0
		if from != "" {
			i = revocation.MaxBatch
		}
		_, err := store.Read(ctx, from, func(batch []revocation.Entry) error {
			for _, e := range batch {
				require.Equal(t, fmt.Sprint("s", i), e.Name)
				i++
			}
			return apply(i)
		})
		if err == nil {
			require.Equal(t, all, i)
		}
		return err
	}
	require.NoError(t, read(t.Context(), "", func(int) error { return nil }))
	require.NoError(t, read(t.Context(), after, func(int) error { return nil }))

	stop := errors.New("enough")
	for _, at := range []int{1, revocation.MaxBatch + 1, all} {
		require.ErrorIs(t, read(t.Context(), "", func(i int) error {
			if i >= at {
				return stop
			}
			return nil
		}), stop)
	}
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, read(ctx, "", func(int) error { cancel(); return nil }), context.Canceled)
}
