package redisrows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/expressbridge/redisrows"
	"github.com/sealjar/sealjar/internal/testserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sid   = "4QDZoVpqyTzkKCPNEqOqVcZ3rPzBvzrA"
	limit = 1000
)

func single(t testing.TB, addr string) redis.UniversalClient {
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// cluster makes a cluster of the one server, which is enough to find keys in different slots.
func cluster(t testing.TB, addr string) redis.UniversalClient {
	admin := single(t, addr)
	require.NoError(t, admin.(*redis.Client).ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		info, err := admin.ClusterInfo(t.Context()).Result()
		return err == nil && strings.HasPrefix(info, "cluster_state:ok")
	}, time.Minute, 10*time.Millisecond)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{addr}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func open(t testing.TB, client redis.UniversalClient) expressbridge.Rows {
	t.Helper()
	rows, err := redisrows.New(client, redisrows.Options{})
	require.NoError(t, err)
	return rows
}

func TestRows(t *testing.T) {
	for name, mode := range map[string]struct {
		arguments []string
		client    func(testing.TB, string) redis.UniversalClient
	}{
		"single": {nil, single}, "cluster": {[]string{"--cluster-enabled", "yes"}, cluster},
	} {
		t.Run(name, func(t *testing.T) {
			client := mode.client(t, testserver.Redis(t, mode.arguments...).Addr)
			rows := open(t, client)
			t.Run("read", func(t *testing.T) { testRead(t, client, rows) })
			t.Run("write", func(t *testing.T) { testWrite(t, client, rows) })
			t.Run("exact ids", func(t *testing.T) { testExactIDs(t, client, rows) })
			t.Run("what is no string", func(t *testing.T) {
				require.NoError(t, client.HSet(t.Context(), "sess:hash", "a", "b").Err())
				_, _, err := rows.Get(t.Context(), "hash", limit)
				require.ErrorContains(t, err, "redisrows: get: WRONGTYPE")
			})
			t.Run("a request that has gone", func(t *testing.T) {
				gone, cancel := context.WithCancel(t.Context())
				cancel()
				for _, err := range all(gone, rows, time.Minute) {
					require.ErrorIs(t, err, context.Canceled)
				}
			})
		})
	}
}

func testRead(t *testing.T, client redis.UniversalClient, rows expressbridge.Rows) {
	_, _, err := rows.Get(t.Context(), sid, limit)
	require.ErrorIs(t, err, expressbridge.ErrNoRow)

	const text = `{"cookie":{"originalMaxAge":7200000,"expires":"1999-03-14T15:39:26.000Z"},"user":"é ☃"}`
	require.NoError(t, client.Set(t.Context(), "sess:"+sid, text, time.Hour).Err()) // as connect-redis does
	data, expires, err := rows.Get(t.Context(), sid, limit)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
	requireNear(t, time.Now().Add(time.Hour), expires, "the TTL counts, and not the JSON")

	for size, want := range map[int]int{limit: limit, limit + 1: limit + 1, limit + 2: limit + 1, 5 << 20: limit + 1} {
		require.NoError(t, client.Set(t.Context(), "sess:"+sid, strings.Repeat("x", size), time.Hour).Err())
		data, _, err = rows.Get(t.Context(), sid, limit)
		require.NoError(t, err)
		require.Len(t, data, want, "of what is too large no more is read than shows it")
	}
}

func testWrite(t *testing.T, client redis.UniversalClient, rows expressbridge.Rows) {
	is := func(want string, expires time.Time) {
		t.Helper()
		text, err := client.Get(t.Context(), "sess:w").Result()
		if want == "" {
			require.ErrorIs(t, err, redis.Nil)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, text)
		left, err := client.PTTL(t.Context(), "sess:w").Result()
		require.NoError(t, err)
		requireNear(t, expires, time.Now().Add(left), "and no key stays for ever")
	}
	now := time.Now()
	require.NoError(t, rows.Update(t.Context(), "w", nil, now.Add(time.Hour)))
	is("", now)
	require.NoError(t, rows.Update(t.Context(), "w", []byte("{}"), now.Add(time.Hour)))
	is("", now) // who has been signed out stays so
	require.NoError(t, rows.Insert(t.Context(), "w", []byte("{}"), now))
	is("", now)
	require.NoError(t, rows.Insert(t.Context(), "w", []byte("{}"), now.Add(time.Hour)))
	is("{}", now.Add(time.Hour))
	require.NoError(t, rows.Update(t.Context(), "w", nil, now.Add(2*time.Hour)))
	is("{}", now.Add(2*time.Hour))
	require.NoError(t, rows.Update(t.Context(), "w", []byte("[]"), now.Add(time.Hour)))
	is("[]", now.Add(time.Hour))
	require.NoError(t, client.Persist(t.Context(), "sess:w").Err())
	require.NoError(t, rows.Update(t.Context(), "w", nil, now.Add(time.Minute)))
	is("[]", now.Add(time.Minute)) // a grace ends also with the option disableTTL
	require.NoError(t, rows.Delete(t.Context(), "w"))
	is("", now)
	require.NoError(t, rows.Delete(t.Context(), "w"))

	for _, data := range [][]byte{nil, []byte("{}")} {
		require.NoError(t, rows.Insert(t.Context(), "w", []byte("{}"), now.Add(time.Hour)))
		require.NoError(t, rows.Update(t.Context(), "w", data, now))
		is("", now)
	}
}

func testExactIDs(t *testing.T, client redis.UniversalClient, rows expressbridge.Rows) {
	later := time.Now().Add(time.Hour)
	require.NoError(t, rows.Insert(t.Context(), "Ab", []byte("{}"), later))
	for _, other := range []string{"ab", "AB", "Ab ", " Ab", "A", "Abc", "A?", "*", "{Ab}", "Ab\x00", ""} {
		_, _, err := rows.Get(t.Context(), other, limit)
		require.ErrorIs(t, err, expressbridge.ErrNoRow, "%q", other)
		require.NoError(t, rows.Update(t.Context(), other, nil, time.Now()))
		require.NoError(t, rows.Update(t.Context(), other, []byte("no"), later))
		require.NoError(t, rows.Delete(t.Context(), other))
	}
	data, _, err := rows.Get(t.Context(), "Ab", limit)
	require.NoError(t, err)
	require.Equal(t, "{}", string(data))

	elsewhere, err := redisrows.New(client, redisrows.Options{Prefix: "shop:"})
	require.NoError(t, err)
	_, _, err = elsewhere.Get(t.Context(), "Ab", limit)
	require.ErrorIs(t, err, expressbridge.ErrNoRow)
	require.NoError(t, client.Set(t.Context(), "shop:Ab", "shop", 0).Err())
	data, _, err = elsewhere.Get(t.Context(), "Ab", limit)
	require.NoError(t, err)
	require.Equal(t, "shop", string(data))
}

func requireNear(t testing.TB, want, got time.Time, says string) {
	t.Helper()
	require.WithinDuration(t, want, got, 30*time.Second, says)
}

// The option disableTTL of connect-redis.
func TestKeysWithoutTTL(t *testing.T) {
	client := single(t, testserver.Redis(t).Addr)
	rows := open(t, client)
	ever, never := time.Now().Add(400*24*time.Hour), time.Time{}
	for text, want := range map[string]time.Time{
		`{"cookie":{"originalMaxAge":1,"expires":"2026-03-14T15:39:26.123Z"}}`: time.Date(2026, 3, 14, 15, 39, 26, 123e6, time.UTC),
		`{"cookie":{"expires":"2099-12-31T23:59:59.999Z"},"a":1}`:              time.Date(2099, 12, 31, 23, 59, 59, 999e6, time.UTC),
		`{"cookie":{"Expires":"1999-12-31T23:59:59.999Z","expires":null}}`:     ever,
		`{"Cookie":{"expires":"1999-12-31T23:59:59.999Z"},"cookie":{}}`:        ever,
		`{"cookie":{"originalMaxAge":null,"expires":null,"path":"/"}}`:         ever,
		`{"cookie":{"expires":""}}`:                                            never,
		`{"cookie":{"expires":4102444800000}}`:                                 never,
		`{"cookie":{"expires":"+275760-09-13T00:00:00.000Z"}}`:                 never,
		`{"cookie":{"expires":"tomorrow"}}`:                                    never,
		`{"cookie":null}`:                                                      never,
		`{"cookie":7}`:                                                         never,
		`{}`:                                                                   never,
		`[]`:                                                                   never,
		``:                                                                     never,
		`{"cookie":{"expires":null}}, {}`:                                      never,
		`{"cookie":{"expires":null},"a":"` + strings.Repeat("a", limit) + `"}`: never,
	} {
		require.NoError(t, client.Set(t.Context(), "sess:a", text, 0).Err())
		data, expires, err := rows.Get(t.Context(), "a", limit)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(text, string(data)))
		if want.Equal(ever) {
			requireNear(t, want, expires, text)
			continue
		}
		require.WithinDuration(t, want, expires, 0, text)
	}
}

// A session of which the key tells no end is refused, or the bridge decodes it.
func FuzzKeyWithoutTTL(f *testing.F) {
	for _, seed := range []string{
		`{"cookie":{"originalMaxAge":1,"expires":"2026-03-14T15:39:26.123Z"}}`, `{"cookie":{"expires":null}}`, `{"cookie":{}}`, `{"cookie":[]}`,
		`{"cookie":{"expires":"2026-03-14T15:39:26.123Z","expires":null}}`, `null`, ``, `{"cookie":{"expires":"2026-02-30T15:39:26Z"}}`,
		strings.Repeat(`{"cookie":`, 200),
	} {
		f.Add([]byte(seed))
	}
	client := single(f, testserver.Redis(f).Addr)
	rows := open(f, client)
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, client.Set(t.Context(), "sess:a", text, 0).Err())
		data, expires, err := rows.Get(t.Context(), "a", limit)
		require.NoError(t, err)
		require.Equal(t, string(text[:min(len(text), limit+1)]), string(data))
		if expires.IsZero() {
			return
		}
		var session map[string]any
		require.NoError(t, json.Unmarshal(data, &session))
		cookie, ok := session["cookie"].(map[string]any)
		require.True(t, ok)
		switch end := cookie["expires"].(type) {
		case nil:
			requireNear(t, time.Now().Add(400*24*time.Hour), expires, "")
		case string:
			require.NotEmpty(t, end)
			require.Contains(t, end, fmt.Sprintf("%04d-%02d-%02dT", expires.Year(), expires.Month(), expires.Day()))
		default:
			require.Fail(t, "neither null nor a time")
		}
	})
}

// all makes one call of each kind, and gives each the time.
func all(ctx context.Context, rows expressbridge.Rows, timeout time.Duration) map[string]error {
	later, errs := time.Now().Add(time.Hour), make(map[string]error)
	for name, call := range map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, _, err := rows.Get(ctx, sid, limit); return err },
		"insert": func(ctx context.Context) error { return rows.Insert(ctx, sid, []byte("{}"), later) },
		"update": func(ctx context.Context) error { return rows.Update(ctx, sid, []byte("{}"), later) },
		"touch":  func(ctx context.Context) error { return rows.Update(ctx, sid, nil, later) },
		"delete": func(ctx context.Context) error { return rows.Delete(ctx, sid) },
	} {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		errs[name] = call(ctx)
		cancel()
	}
	return errs
}

// A server that is dead, or silent, is an error in time: the client's own timeouts are longer than a test may last.
func TestServerThatDoesNotAnswer(t *testing.T) {
	server := testserver.Redis(t)
	proxy := testserver.NewProxy(t, server.Addr)
	const long = time.Hour
	options := redis.UniversalOptions{
		Addrs: []string{proxy.Addr}, ContextTimeoutEnabled: true, PoolSize: 2,
		DialTimeout: long, ReadTimeout: long, WriteTimeout: long, PoolTimeout: long,
	}
	warm, cold, cluster := redis.NewClient(options.Simple()), redis.NewClient(options.Simple()), redis.NewClusterClient(options.Cluster())
	for _, client := range []redis.UniversalClient{warm, cold, cluster} {
		t.Cleanup(func() { _ = client.Close() })
	}
	fails := func(what string, client redis.UniversalClient) {
		t.Helper()
		for range 3 { // so that connections that are lost don't use up the pool
			for call, err := range all(t.Context(), open(t, client), 20*time.Millisecond) {
				require.Error(t, err, "%s: %s", what, call)
				require.NotErrorIs(t, err, expressbridge.ErrNoRow, "%s: %s", what, call)
			}
		}
	}
	answers := func() bool {
		_, _, err := open(t, warm).Get(t.Context(), "nobody", limit)
		return errors.Is(err, expressbridge.ErrNoRow)
	}
	require.True(t, answers())
	proxy.Cut()
	fails("silent", warm)
	fails("silent from the start", cold)
	fails("a cluster that is silent from the start", cluster)
	proxy.Heal()
	server.Kill()
	fails("dead", warm)
	server.Start()
	require.Eventually(t, answers, time.Minute, 10*time.Millisecond)
}

func TestNewRefused(t *testing.T) {
	refused := func(client redis.UniversalClient, options redisrows.Options, says string) {
		t.Helper()
		_, err := redisrows.New(client, options)
		require.ErrorContains(t, err, says)
	}
	refused(nil, redisrows.Options{}, "redisrows: no client")
	refused(single(t, "localhost:1"), redisrows.Options{Prefix: strings.Repeat("a", 256)}, "Options.Prefix")
	for _, client := range []redis.UniversalClient{
		redis.NewClient(&redis.Options{}),
		redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"localhost:1"}}),
		redis.NewRing(&redis.RingOptions{}),
		redis.NewFailoverClient(&redis.FailoverOptions{SentinelAddrs: []string{"localhost:1"}}),
		redis.NewFailoverClusterClient(&redis.FailoverOptions{SentinelAddrs: []string{"localhost:1"}, RouteByLatency: true}),
	} {
		refused(client, redisrows.Options{}, "ContextTimeoutEnabled is off")
		require.NoError(t, client.Close())
	}
}
