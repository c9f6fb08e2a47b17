package redisstore_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/redisstore"
)

func ofSession(name string, until time.Time) revocation.Entry {
	return revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: until.Add(-time.Hour), Until: until}
}

func ignore([]revocation.Entry) error { return nil }

// A failover that has lost an entry is noticed also if the new primary's clock is behind, so that what it is told next
// comes, by the ids of the stream, before the entry that was lost.
func TestFailoverToAClockThatIsBehind(t *testing.T) {
	ctx := t.Context()
	client := single(testserver.Redis(t, durable...).Addr)
	s := open(t, client, redisstore.Options{Prefix: "p"})
	until := time.Now().Add(time.Hour)
	require.NoError(t, s.Add(ctx, ofSession("lost", until)))
	cursor, err := s.Read(ctx, "", ignore)
	require.NoError(t, err)

	const log = "{p}:log"
	before, err := client.XRange(ctx, log, "-", "+").Result()
	require.NoError(t, err)
	require.Len(t, before, 1)
	now, _, _ := strings.Cut(before[0].ID, "-")
	milli, err := strconv.ParseInt(now, 10, 64)
	require.NoError(t, err)
	require.NoError(t, client.Del(ctx, log).Err())
	values := map[string]any{"e": strings.Replace(before[0].Values["e"].(string), " 4 lost", " 4 next", 1)}
	require.NoError(t, client.XAdd(ctx, &redis.XAddArgs{
		Stream: log, ID: strconv.FormatInt(milli-10_000, 10) + "-0", Values: values,
	}).Err())

	_, err = s.Read(ctx, cursor, ignore)
	require.ErrorIs(t, err, revocation.ErrCursor)
	var read []string
	_, err = s.Read(ctx, "", func(entries []revocation.Entry) error {
		for _, e := range entries {
			read = append(read, e.Name)
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"next"}, read)
}

// Who stays connected to a primary that has become a replica, perhaps one that hears of nothing, does not take itself
// for up to date.
func TestAReplicaIsNotBelieved(t *testing.T) {
	ctx := t.Context()
	client := single(testserver.Redis(t, durable...).Addr)
	s := open(t, client, redisstore.Options{})
	require.NoError(t, s.Add(ctx, ofSession("s", time.Now().Add(time.Hour))))
	cursor, err := s.Read(ctx, "", ignore)
	require.NoError(t, err)
	names := []revocation.Name{{Kind: revocation.Session, Name: "s"}}
	found, err := s.Lookup(ctx, names)
	require.NoError(t, err)
	require.Len(t, found, 1)

	require.NoError(t, client.Do(ctx, "replicaof", "127.0.0.1", "1").Err())
	_, err = s.Read(ctx, cursor, ignore)
	require.ErrorContains(t, err, "replica")
	require.NotErrorIs(t, err, revocation.ErrCursor)
	_, err = s.Lookup(ctx, names)
	require.ErrorContains(t, err, "replica")

	require.NoError(t, client.Do(ctx, "replicaof", "no", "one").Err())
	_, err = s.Read(ctx, cursor, ignore)
	require.NoError(t, err)
}

// A node that is up to date reads on when everything has expired and was swept.
func TestSweepLeavesTheEntryOfTheCursors(t *testing.T) {
	ctx := t.Context()
	client := single(testserver.Redis(t, durable...).Addr)
	now := time.Now()
	s := open(t, client, redisstore.Options{Now: func() time.Time { return now }})
	for _, name := range []string{"a", "b", "c"} {
		require.NoError(t, s.Add(ctx, ofSession(name, now.Add(time.Hour))))
	}
	cursor, err := s.Read(ctx, "", ignore)
	require.NoError(t, err)
	now = now.Add(2 * time.Hour)
	n, err := s.Sweep(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = s.Sweep(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = s.Read(ctx, cursor, ignore)
	require.NoError(t, err)
}
