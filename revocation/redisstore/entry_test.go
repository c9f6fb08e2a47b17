package redisstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/redisstore"
)

// Entries that have a field for each of their parts, as they were written once, are read, stood at and swept like others.
func TestEntriesOfTheOlderForm(t *testing.T) {
	ctx := t.Context()
	client := single(testserver.Redis(t, durable...).Addr)
	now := time.UnixMilli(time.Now().UnixMilli())
	s := open(t, client, redisstore.Options{Prefix: "p", Now: func() time.Time { return now }})
	older := func(e revocation.Entry) {
		n, err := client.Incr(ctx, "{p}:count").Result()
		require.NoError(t, err)
		require.NoError(t, client.XAdd(ctx, &redis.XAddArgs{Stream: "{p}:log", Values: []any{
			"n", n, "kind", string(e.Kind), "name", e.Name,
			"cutoff", e.Cutoff.UnixMilli(), "until", e.Until.UnixMilli(), "reason", e.Reason,
		}}).Err())
	}
	want := make([]revocation.Entry, 4)
	for i := range want {
		want[i] = ofSession(fmt.Sprint("s", i), now.Add(time.Hour))
		want[i].Reason = fmt.Sprint("because ", i)
	}
	read := func(after revocation.Cursor, want ...revocation.Entry) revocation.Cursor {
		t.Helper()
		var got []revocation.Entry
		next, err := s.Read(ctx, after, func(entries []revocation.Entry) error { got = append(got, entries...); return nil })
		require.NoError(t, err)
		require.Equal(t, want, got)
		return next
	}
	older(want[0])
	older(want[1])
	cursor := read("", want[:2]...)
	require.NoError(t, s.Add(ctx, want[2]))
	older(want[3])
	read(read(cursor, want[2:]...))
	read("", want...)

	now = now.Add(2 * time.Hour)
	n, err := s.Sweep(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

// What is read as an entry is an entry, and the store's own form of it means the same; everything else is an error.
func FuzzEntry(f *testing.F) {
	for _, seed := range []string{
		"", "1", "1 all 1 2 0 ", "17 session 1764000000000 1764043200000 22 dGhpcyBpcyBhIHNlc3Npb24", "2 subject 1 2 5 a 2 b1 why",
		"3 group 1 2 4 a\x00é because", "4 all 1 2 -1 ", "5 key 1 2 2 k", "6 token 2 1 1 t", "7 key 1 2 3 k", "8 key 1 2",
		"9 planet 1 2 4 mars", "99999999999999999999 key 1 2 1 k", "1 key 1 9223372036854775807 1 k",
		"1 key 1 2 9223372036854775808 k", " key 1 2 1 k", "1 renewed 1 2 510 " + strings.Repeat("x", 510),
		"1 renewed 1 2 255 " + strings.Repeat("x", 510), strings.Repeat("1", redisstore.MaxPacked+1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		e, n, err := redisstore.ParseEntry([]any{"e", value})
		if err != nil {
			require.ErrorContains(t, err, "redisstore: an entry in the store")
			return
		}
		require.LessOrEqual(t, len(value), redisstore.MaxPacked)
		require.NoError(t, e.Check())
		cutoff, until := e.Cutoff.UnixMilli(), e.Until.UnixMilli()
		e2, n2, err := redisstore.ParseEntry([]any{"e", fmt.Sprintf("%d %s %d %d %d %s%s",
			n, e.Kind, cutoff, until, len(e.Name), e.Name, e.Reason)})
		require.NoError(t, err)
		require.Equal(t, e, e2)
		require.Equal(t, n, n2)
		older, n3, err := redisstore.ParseEntry([]any{
			"n", fmt.Sprint(n), "kind", string(e.Kind), "name", e.Name,
			"cutoff", fmt.Sprint(cutoff), "until", fmt.Sprint(until), "reason", e.Reason,
		})
		require.NoError(t, err)
		require.Equal(t, e, older)
		require.Equal(t, n, n3)
	})
}
