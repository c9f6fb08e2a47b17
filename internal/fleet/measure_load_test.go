//go:build unix

package fleet_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/revocation"
)

// measureLoad has a list load a store of many sessions, and catch up with a million that came while it did not run.
func measureLoad(t *testing.T, out *bytes.Buffer) {
	burst := min(1_000_000, *entriesFlag)
	fmt.Fprintf(out, "A list loads revoked sessions, stops, and catches up with %d more. The store is on the same two cores. The processor's "+
		"time is that of the process with the list.\n\n", burst)
	fmt.Fprint(out, "| store | entries | load s | target | burst s | target | processor µs an entry | bytes an entry in the list |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	report := func(name string, store revocation.Store, fill func(n int)) {
		began := time.Now()
		fill(*entriesFlag)
		t.Logf("%s: filled in %v", name, time.Since(began))
		list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		load, used := catchUp(t, list, *entriesFlag)
		fill(burst)
		runtime.GC()
		late, usedLate := catchUp(t, list, *entriesFlag+burst)
		s := list.Status()
		row := fmt.Sprintf("| %s | %d | %.1f | 15 | %.2f | 3 | %.2f | %.1f |\n", name, *entriesFlag, load.Seconds(), late.Seconds(),
			float64((used+usedLate).Microseconds())/float64(*entriesFlag+burst), float64(s.Bytes)/float64(s.Entries))
		t.Log(row)
		out.WriteString(row)
	}
	t.Run("Memory", func(t *testing.T) {
		store := &revocation.Memory{}
		report("Memory", store, func(n int) { add(t, store, n) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		b := startPostgreSQL(t, fleet.Place{})
		store, db := b.open(t), unindexed(t, b, "DROP INDEX sealjar_revocations_name, sealjar_revocations_expires")
		report("PostgreSQL", store, func(n int) {
			_, err := db.ExecContext(t.Context(), `INSERT INTO sealjar_revocations (tag, kind, name, cutoff, expires, reason)
				SELECT i, 'session', convert_to(rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '='), 'UTF8'),
				extract(epoch FROM now()) * 1000, extract(epoch FROM now()) * 1000 + 43200000, '' FROM generate_series(1, $1) i`, n)
			require.NoError(t, err)
		})
	})
	t.Run("MariaDB", func(t *testing.T) {
		b := startMariaDB(t)
		store, db := b.open(t), unindexed(t, b, "ALTER TABLE sealjar_revocations DROP KEY sealjar_revocations_name, DROP KEY sealjar_revocations_expires")
		report("MariaDB", store, func(n int) {
			// In one transaction it would outgrow the server's memory. A statement like this leaves tens of thousands of numbers out, as no
			// node does; rows that are older than a minute and a half say that nobody will fill them.
			for ; n > 0; n -= min(n, 1_000_000) {
				_, err := db.ExecContext(t.Context(), `INSERT INTO sealjar_revocations (tag, kind, name, cutoff, expires, reason, made)
					SELECT seq, 'session', TRIM(TRAILING '=' FROM REPLACE(REPLACE(TO_BASE64(RANDOM_BYTES(16)), '+', '-'), '/', '_')),
					UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000 + 43200000, '', (UNIX_TIMESTAMP() - 100) * 1000 FROM seq_1_to_`+strconv.Itoa(min(n, 1_000_000)))
				require.NoError(t, err)
			}
		})
	})
	t.Run("SQLite", func(t *testing.T) {
		b := startSQLite(t)
		store, _ := b.open(t), unindexed(t, b, "DROP INDEX sealjar_revocations_name", "DROP INDEX sealjar_revocations_expires")
		report("SQLite", store, func(n int) { add(t, store, n) })
	})
	t.Run("Redis", func(t *testing.T) {
		b := startRedis(t)
		client := redis.NewClient(&redis.Options{Addr: b.addr, ContextTimeoutEnabled: true})
		defer client.Close()
		report("Redis", b.open(t), func(n int) { fillRedis(t, client, n) })
	})
}

// unindexed drops the indexes that slow down the filling and that reading does not use.
func unindexed(t *testing.T, b backend, statements ...string) *sql.DB {
	db, err := b.place.DB()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	for _, statement := range statements {
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	return db
}

// fillRedis writes the log alone, which is what a list reads: it leaves out the keys of the single names.
func fillRedis(t *testing.T, client *redis.Client, n int) {
	script := redis.NewScript(`for i = 3, #ARGV do
		redis.call('XADD', KEYS[1], '*', 'e', redis.call('INCR', KEYS[2]) .. ' session ' .. ARGV[1] .. ' ' .. ARGV[2] .. ' ' ..
			#ARGV[i] .. ' ' .. ARGV[i])
	end`)
	now := time.Now()
	for n > 0 {
		args := []any{now.UnixMilli(), now.Add(12 * time.Hour).UnixMilli()}
		for range min(n, 4000) {
			args = append(args, newSID())
		}
		n -= len(args) - 2
		if err := script.Run(t.Context(), client, []string{"{sealjar:revocations}:log", "{sealjar:revocations}:count"}, args...).Err(); !errors.Is(err, redis.Nil) { // it returns nothing
			require.NoError(t, err)
		}
	}
}

// processorTime is how long this process has computed.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// catchUp runs the list until it has so many entries and can tell, and returns how long that took, and how much of the processor.
func catchUp(t *testing.T, list *revocation.List, entries int) (took, used time.Duration) {
	before := processorTime()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = list.Run(ctx) })
	took = until(func() bool { s := list.Status(); return s.Entries >= int64(entries) && s.Current })
	cancel()
	running.Wait()
	return took, processorTime() - before
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
