//go:build unix

package fleet_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/revocation"
)

// measureLoad has a list load a store of many sessions, and catch up with a million that came while it did not run.
func measureLoad(t *testing.T, out *bytes.Buffer) {
	burst := min(1_000_000, *entriesFlag)
	fmt.Fprintf(out, "A list loads revoked sessions, stops, and catches up with %d more. The store is on the same two cores.\n\n", burst)
	fmt.Fprint(out, "| store | entries | load s | burst s | bytes an entry in the list |\n|---|---:|---:|---:|---:|\n")
	report := func(name string, store revocation.Store, entries int, fill func(n int)) {
		began := time.Now()
		fill(entries)
		t.Logf("%s: filled in %v", name, time.Since(began))
		list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		load := catchUp(t, list, entries)
		fill(burst)
		runtime.GC()
		late := catchUp(t, list, entries+burst)
		s := list.Status()
		row := fmt.Sprintf("| %s | %d | %.1f | %.2f | %.1f |\n", name, entries, load.Seconds(), late.Seconds(), float64(s.Bytes)/float64(s.Entries))
		t.Log(row)
		out.WriteString(row)
	}
	t.Run("Memory", func(t *testing.T) {
		store := &revocation.Memory{}
		report("Memory", store, *entriesFlag, func(n int) { add(t, store, n) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		b := startPostgreSQL(t, fleet.Place{})
		store := b.open(t)
		db, err := b.place.DB()
		require.NoError(t, err)
		defer db.Close()
		// They slow down the filling, and reading does not use them.
		_, err = db.ExecContext(t.Context(), "DROP INDEX sealjar_revocations_name, sealjar_revocations_expires")
		require.NoError(t, err)
		report("PostgreSQL", store, *entriesFlag, func(n int) {
			_, err := db.ExecContext(t.Context(), `INSERT INTO sealjar_revocations (tag, kind, name, cutoff, expires, reason)
				SELECT i, 'session', convert_to(rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '='), 'UTF8'),
				extract(epoch FROM now()) * 1000, extract(epoch FROM now()) * 1000 + 43200000, '' FROM generate_series(1, $1) i`, n)
			require.NoError(t, err)
		})
	})
	t.Run("Redis", func(t *testing.T) {
		store := startRedis(t).open(t)
		report("Redis", store, burst, func(n int) { add(t, store, n) })
	})
}

// catchUp runs the list until it has so many entries and can tell, and returns how long that took.
func catchUp(t *testing.T, list *revocation.List, entries int) time.Duration {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = list.Run(ctx) })
	took := until(func() bool { s := list.Status(); return s.Entries >= int64(entries) && s.Current })
	cancel()
	running.Wait()
	return took
}

// add records n sessions, in several hands.
func add(t *testing.T, store revocation.Store, n int) {
	const hands = 4
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			now := time.Now()
			for left := n / hands; left > 0; {
				batch := make([]revocation.Entry, min(left, revocation.MaxBatch))
				for i := range batch {
					batch[i] = revocation.Entry{Kind: revocation.Session, Name: newSID(), Cutoff: now, Until: now.Add(12 * time.Hour)}
				}
				if err := store.Add(context.Background(), batch...); err != nil {
					t.Error(err)
				}
				left -= len(batch)
			}
		})
	}
	all.Wait()
}
