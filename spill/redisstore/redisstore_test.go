package redisstore_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/spill/redisstore"
	"github.com/sealjar/sealjar/spill/spilltest"
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
			spilltest.Run(t, func(t *testing.T) func() spill.Store {
				options := redisstore.Options{Prefix: fmt.Sprint("test", places.Add(1))}
				return func() spill.Store { return open(t, client(server.Addr), options) }
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
	set("maxmemory", "100mb")
	set("maxmemory-policy", "volatile-ttl")
	refused("with maxmemory-policy volatile-ttl the server forgets")
	set("maxmemory-policy", "noeviction")
	_, err := redisstore.Open(t.Context(), client, redisstore.Options{})
	require.NoError(t, err)

	for says, options := range map[string]redisstore.Options{
		"Options.Prefix": {Prefix: "a{b}"},
	} {
		_, err := redisstore.Open(t.Context(), client, options)
		require.ErrorContains(t, err, says)
	}
	_, err = redisstore.Open(t.Context(), nil, redisstore.Options{})
	require.ErrorContains(t, err, "no client")
	replicas := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.Addr}, ReadOnly: true, ContextTimeoutEnabled: true})
	defer replicas.Close()
	_, err = redisstore.Open(t.Context(), replicas, redisstore.Options{})
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
	_, err = store.Get(t.Context(), "nobody")
	require.NoError(t, err)
	proxy.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = store.Get(ctx, "nobody")
	require.Error(t, err)
	require.Error(t, store.Create(ctx, "nobody", spill.Row{Version: 1, Data: []byte("x")}, time.Now().Add(time.Hour)))
}

func TestRowsOfOthers(t *testing.T) {
	server := testserver.Redis(t, durable...)
	client := single(server.Addr)
	s := open(t, client, redisstore.Options{Prefix: "p"})
	for name, values := range map[string][]any{
		"no version": {"data", "x"}, "no data": {"version", "1"}, "no number": {"version", "x", "data", "x"},
		"version 0": {"version", "0", "data", "x"}, "something else": {"a", "b", "data", ""},
	} {
		require.NoError(t, client.Del(t.Context(), "p:a").Err())
		require.NoError(t, client.HSet(t.Context(), "p:a", values...).Err())
		_, err := s.Get(t.Context(), "a")
		require.ErrorContains(t, err, "was not written by this package", name)
	}
	require.NoError(t, client.Set(t.Context(), "p:a", "x", 0).Err())
	_, err := s.Get(t.Context(), "a")
	require.ErrorContains(t, err, "redisstore: get: ")
}

// TestCrash kills the server: what was acknowledged is there, and the same handle works on.
func TestCrash(t *testing.T) {
	server := testserver.Redis(t, durable...)
	s := open(t, single(server.Addr), redisstore.Options{})
	row := spill.Row{Version: 1, Data: []byte("a")}
	require.NoError(t, s.Create(t.Context(), "a", row, time.Now().Add(time.Hour)))
	server.Kill()
	_, err := s.Get(t.Context(), "a")
	require.Error(t, err, "and not the answer that there is none")
	server.Start()
	got, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, row, got)
}

// Redis deletes what has expired by itself.
func TestKeysExpire(t *testing.T) {
	server := testserver.Redis(t, durable...)
	client := single(server.Addr)
	s := open(t, client, redisstore.Options{})
	end := time.Now().Add(time.Hour)
	require.NoError(t, s.Create(t.Context(), "a", spill.Row{Version: 1, Data: []byte("a")}, end))
	left, err := client.PTTL(t.Context(), "sealjar:session:a").Result()
	require.NoError(t, err)
	require.Greater(t, left, 50*time.Minute)
	require.LessOrEqual(t, left, time.Hour+time.Second)
}

func ExampleOpen() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer client.Close()
	store, err := redisstore.Open(ctx, client, redisstore.Options{Prefix: "myapp:sessions"})
	if err != nil {
		fmt.Println(err) // such as: with appendonly no the server forgets sessions that it has acknowledged, when it crashes
		return
	}
	options := spill.Options{Store: store} // is Spill of sealjar.Options: what does not fit into a cookie goes there
	_ = options
}
