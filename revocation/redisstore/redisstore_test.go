package redisstore_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/redisstore"
	"github.com/sealjar/sealjar/revocation/revocationtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var durable = []string{"--appendonly", "yes", "--appendfsync", "always", "--save", ""}

func open(t testing.TB, client redis.UniversalClient, options redisstore.Options) *redisstore.Store {
	t.Helper()
	t.Cleanup(func() { _ = client.Close() })
	s, err := redisstore.Open(t.Context(), client, options)
	require.NoError(t, err)
	return s
}

func single(addr string) redis.UniversalClient {
	return redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
}

// cluster makes a cluster of the one server, which is enough to find keys in different slots.
func cluster(t testing.TB, addr string) func(string) redis.UniversalClient {
	t.Helper()
	admin := single(addr)
	defer admin.Close()
	require.NoError(t, admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		info, err := admin.ClusterInfo(t.Context()).Result()
		return err == nil && len(info) > 16 && info[:16] == "cluster_state:ok"
	}, time.Minute, 10*time.Millisecond)
	return func(addr string) redis.UniversalClient {
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{addr}, ContextTimeoutEnabled: true})
	}
}

func TestConformance(t *testing.T) {
	for name, mode := range map[string]struct {
		arguments []string
		client    func(t testing.TB, addr string) func(string) redis.UniversalClient
	}{
		"single":  {durable, func(testing.TB, string) func(string) redis.UniversalClient { return single }},
		"cluster": {append([]string{"--cluster-enabled", "yes"}, durable...), cluster},
	} {
		t.Run(name, func(t *testing.T) {
			server := testserver.Redis(t, mode.arguments...)
			client := mode.client(t, server.Addr)
			var places atomic.Int64
			revocationtest.Run(t, func(testing.TB) revocationtest.Backend {
				options := redisstore.Options{Prefix: fmt.Sprint("test", places.Add(1))}
				return revocationtest.Backend{
					Open: func(t testing.TB) revocation.Store { return open(t, client(server.Addr), options) },
					Wipe: func(t testing.TB) {
						admin := single(server.Addr)
						defer admin.Close()
						require.NoError(t, admin.FlushAll(t.Context()).Err())
					},
				}
			})
		})
	}
}

func TestOpenRefused(t *testing.T) {
	server := testserver.Redis(t) // with Redis's own settings
	client := single(server.Addr)
	defer client.Close()
	set := func(name, value string) {
		require.NoError(t, client.ConfigSet(t.Context(), name, value).Err())
	}
	refused := func(says string) {
		t.Helper()
		_, err := redisstore.Open(t.Context(), client, redisstore.Options{})
		require.ErrorContains(t, err, says)
		_, err = redisstore.Open(t.Context(), client, redisstore.Options{InsecureDurability: true})
		require.NoError(t, err)
	}
	refused("with appendonly no the server forgets")
	set("appendonly", "yes")
	refused("with appendfsync everysec the server forgets")
	set("appendfsync", "always")
	set("maxmemory", "100mb")
	set("maxmemory-policy", "volatile-ttl")
	refused("with maxmemory-policy volatile-ttl the server forgets")
	set("maxmemory-policy", "noeviction")
	_, err := redisstore.Open(t.Context(), client, redisstore.Options{})
	require.NoError(t, err)

	for says, options := range map[string]redisstore.Options{
		"Options.Prefix":   {Prefix: "a{b}"},
		"Options.Replicas": {Replicas: -1},
	} {
		_, err := redisstore.Open(t.Context(), client, options)
		require.ErrorContains(t, err, "redisstore: "+says)
	}
	_, err = redisstore.Open(t.Context(), nil, redisstore.Options{})
	require.ErrorContains(t, err, "no client")
	reader := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.Addr}, ReadOnly: true, ContextTimeoutEnabled: true})
	defer reader.Close()
	_, err = redisstore.Open(t.Context(), reader, redisstore.Options{})
	require.ErrorContains(t, err, "reads from replicas")
	for _, patient := range []redis.UniversalClient{
		redis.NewClient(&redis.Options{Addr: server.Addr}),
		redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.Addr}}),
		redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"one": server.Addr}}),
	} {
		_, err = redisstore.Open(t.Context(), patient, redisstore.Options{})
		require.ErrorContains(t, err, "ContextTimeoutEnabled is off")
		require.NoError(t, patient.Close())
	}
}

// No call waits longer than its context allows for a server that does not answer.
func TestServerThatIsSilent(t *testing.T) {
	server := testserver.Redis(t)
	proxy := testserver.NewProxy(t, server.Addr)
	const long = time.Hour
	client := redis.NewClient(&redis.Options{
		Addr: proxy.Addr, ContextTimeoutEnabled: true, DialTimeout: long, ReadTimeout: long, WriteTimeout: long, PoolTimeout: long,
	})
	defer client.Close()
	store, err := redisstore.Open(t.Context(), client, redisstore.Options{InsecureDurability: true})
	require.NoError(t, err)
	require.NoError(t, store.Add(t.Context(), entry("a")))
	proxy.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.Error(t, store.Add(ctx, entry("b")))
	_, err = store.Lookup(ctx, []revocation.Name{{Kind: revocation.Session, Name: "a"}})
	require.Error(t, err)
}

func entry(name string) revocation.Entry {
	now := time.UnixMilli(time.Now().UnixMilli())
	return revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: now, Until: now.Add(time.Hour)}
}

func names(t testing.TB, s revocation.Store, after revocation.Cursor) ([]string, revocation.Cursor) {
	t.Helper()
	var list []string
	next, err := s.Read(t.Context(), after, func(entries []revocation.Entry) error {
		for _, e := range entries {
			list = append(list, e.Name)
		}
		return nil
	})
	require.NoError(t, err)
	return list, next
}

// TestCrashForgetsNothing kills the server after each of many entries was acknowledged.
func TestCrashForgetsNothing(t *testing.T) {
	server := testserver.Redis(t, durable...)
	client := single(server.Addr)
	s := open(t, client, redisstore.Options{})
	var want []string
	for round := range 3 {
		for i := range 100 {
			name := fmt.Sprint(round, "-", i)
			require.NoError(t, s.Add(t.Context(), entry(name)))
			want = append(want, name)
		}
		server.Kill()
		require.Error(t, s.Add(t.Context(), entry("nobody knows")))
		server.Start()
		// A client that could not connect ten times a processor goes on to say so for up to a second.
		require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, time.Minute, 10*time.Millisecond)
	}
	got, _ := names(t, s, "")
	require.Equal(t, want, got)
}

// TestRestoredBackupIsNoticed brings the store back to an earlier time and lets others go on writing until the counter is as
// high as it was.
func TestRestoredBackupIsNoticed(t *testing.T) {
	server := testserver.Redis(t, durable...)
	admin := single(server.Addr)
	defer admin.Close()
	s := open(t, single(server.Addr), redisstore.Options{Prefix: "p"})
	require.NoError(t, s.Add(t.Context(), entry("a")))
	backup := make(map[string]string)
	for _, key := range []string{"{p}:log", "{p}:count", "{p}:id"} {
		value, err := admin.Dump(t.Context(), key).Result()
		require.NoError(t, err)
		backup[key] = value
	}
	require.NoError(t, s.Add(t.Context(), entry("lost")))
	_, cursor := names(t, s, "")
	for key, value := range backup {
		require.NoError(t, admin.RestoreReplace(t.Context(), key, 0, value).Err())
	}
	read := func() error {
		_, err := s.Read(t.Context(), cursor, func([]revocation.Entry) error { return nil })
		return err
	}
	require.ErrorIs(t, read(), revocation.ErrCursor)
	for i := range 3 {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint("new", i))))
		require.ErrorIs(t, read(), revocation.ErrCursor)
	}
}

// TestReplicas wants more replicas than there are.
func TestReplicas(t *testing.T) {
	primary := testserver.Redis(t, append([]string{"--repl-diskless-sync-delay", "0"}, durable...)...)
	_, port, err := net.SplitHostPort(primary.Addr)
	require.NoError(t, err)
	testserver.Redis(t, append([]string{"--replicaof", "127.0.0.1 " + port}, durable...)...)
	one := open(t, single(primary.Addr), redisstore.Options{Replicas: 1})
	require.Eventually(t, func() bool { return one.Add(t.Context(), entry("a")) == nil }, time.Minute, time.Millisecond)
	two := open(t, single(primary.Addr), redisstore.Options{Replicas: 2})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = two.Add(ctx, entry("b"))
	for err != nil && strings.Contains(err.Error(), " 0 replicas have the entry") { // Add does not wait for long
		err = two.Add(ctx, entry("b"))
	}
	require.ErrorContains(t, err, "1 replicas have the entry, want 2")
}

// TestStrangeEntry has an entry in the stream that no Add would have written. It must not be skipped in silence.
func TestStrangeEntry(t *testing.T) {
	server := testserver.Redis(t, durable...)
	admin := single(server.Addr)
	defer admin.Close()
	s := open(t, single(server.Addr), redisstore.Options{Prefix: "p"})
	for _, fields := range [][]string{
		{"a", "b"},
		{"n", "x"},
		{"n", "1", "kind", "planet", "name", "mars", "cutoff", "1", "until", "2"},
		{"e", ""},
		{"e", "1 session 1 2 3 id"},
		{"e", "1 planet 1 2 4 mars"},
		{"e", "1 session 1 2 2 id", "more", "1"},
		{"e", "1 session 1 2 2 id" + strings.Repeat("x", 1<<20)},
	} {
		require.NoError(t, admin.Del(t.Context(), "{p}:log").Err())
		require.NoError(t, admin.XAdd(t.Context(), &redis.XAddArgs{Stream: "{p}:log", Values: fields}).Err())
		_, err := s.Read(t.Context(), "", func([]revocation.Entry) error { return nil })
		require.ErrorContains(t, err, "redisstore: an entry in the store")
	}
}

func FuzzCursor(f *testing.F) {
	server := testserver.Redis(f, durable...)
	s := open(f, single(server.Addr), redisstore.Options{})
	require.NoError(f, s.Add(f.Context(), entry("a")))
	_, good := names(f, s, "")
	for _, seed := range []string{"", "a/1-1/1", "//", "a/-/1", string(good), string(good) + "0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		next, err := s.Read(t.Context(), revocation.Cursor(text), func([]revocation.Entry) error { return nil })
		if err != nil {
			require.ErrorIs(t, err, revocation.ErrCursor)
			return
		}
		_, err = s.Read(t.Context(), next, func([]revocation.Entry) error { return nil })
		require.NoError(t, err)
	})
}

func ExampleOpen() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer client.Close()
	store, err := redisstore.Open(ctx, client, redisstore.Options{Prefix: "myapp:revocations"})
	if err != nil {
		fmt.Println(err) // such as: with appendonly no the server forgets revocations that it has acknowledged, when it crashes
		return
	}
	_, _ = store.Lookup(ctx, []revocation.Name{{Kind: revocation.Subject, Name: "alice"}})
}
