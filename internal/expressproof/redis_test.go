//go:build unix

package expressproof_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/expressbridge/redisrows"
	"github.com/sealjar/sealjar/internal/expressproof"
	"github.com/sealjar/sealjar/internal/testserver"
)

// The client has no timeouts of its own that a test would live to see: it is the bridge that gives up.
func newClient(t *testing.T, addr string) *redis.Client {
	t.Helper()
	const long = time.Hour
	client := redis.NewClient(&redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, DialTimeout: long, ReadTimeout: long, WriteTimeout: long, PoolTimeout: long,
	})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func redisRows(t *testing.T, client *redis.Client, options redisrows.Options) expressbridge.Rows {
	t.Helper()
	rows, err := redisrows.New(client, options)
	require.NoError(t, err)
	return rows
}

// The same with connect-redis on Redis.
func TestRedis(t *testing.T) {
	server := testserver.Redis(t, "--appendonly", "yes", "--appendfsync", "always")
	client := newClient(t, server.Addr)
	b := &before{
		server: server, rows: redisRows(t, client, redisrows.Options{}),
		clear: func(t *testing.T) { require.NoError(t, client.FlushAll(t.Context()).Err()) },
		alive: func(t *testing.T, at time.Time) (n int) {
			keys, err := client.Keys(t.Context(), "*").Result()
			require.NoError(t, err)
			for _, key := range keys {
				require.Regexp(t, `^sess:[\w-]{32}$`, key)
				left, err := client.PTTL(t.Context(), key).Result()
				require.NoError(t, err)
				require.NotEqual(t, time.Duration(-1), left, "no key stays for ever")
				if left > 0 && time.Now().Add(left).After(at) { // else it has expired since the list was made: -2 or 0
					n++
				}
			}
			return n
		},
	}
	setup := expressproof.Setup{Redis: "redis://" + server.Addr, Secrets: secrets, MaxAge: (2 * time.Hour).Milliseconds()}
	b.url, b.stopNode = expressproof.StartNode(t, setup)
	t.Cleanup(transport.CloseIdleConnections)

	t.Run("without TTL", func(t *testing.T) { testWithoutTTL(t, client, setup) })
	t.Run("expired", func(t *testing.T) { b.testExpired(t, client) })
	t.Run("a silent network", b.testSilence)
	t.Run("the move", b.testMove)
}

// What Node.js has let expire is nobody's session here, even if a browser keeps the cookie.
func (b *before) testExpired(t *testing.T, client *redis.Client) {
	site := newSite(t, b.rows, "net/http")
	site.serve(func(o *expressbridge.Options[data]) { o.Mode = expressbridge.AtOnce })
	signIn := func(maxAge string) *user {
		response, err := (&http.Client{Transport: transport}).Post(b.url+"/signin?user=brief&maxAge="+maxAge, "", nil)
		require.NoError(t, err)
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body) // express-session keeps the last byte back until the session is stored
		require.NoError(t, err)
		cookies := response.Cookies()
		require.Len(t, cookies, 1)
		at, err := url.Parse(b.url)
		require.NoError(t, err)
		u := newUser("brief")
		u.client.Jar.SetCookies(at, []*http.Cookie{{Name: cookies[0].Name, Value: cookies[0].Value}})
		return u
	}
	_, err := signIn("60000").me(site.url)
	require.NoError(t, err)
	u := signIn("1000")
	require.Eventually(t, func() bool { return client.DBSize(t.Context()).Val() == 0 }, time.Minute, 10*time.Millisecond)
	refused(t, u, b.url, "401")
	refused(t, u, site.url, "401")
}

// The network takes everything and brings nothing.
func (b *before) testSilence(t *testing.T) {
	b.signIn(t, "silent", 2)
	proxy := testserver.NewProxy(t, b.server.Addr)
	site := newSite(t, redisRows(t, newClient(t, proxy.Addr), redisrows.Options{}), "net/http")
	for status, failure := range map[string]expressbridge.Failure{"503": expressbridge.Refuse, "401": expressbridge.Anonymous} {
		site.serve(func(o *expressbridge.Options[data]) { o.OnFailure, o.Timeout = failure, 50*time.Millisecond })
		proxy.Cut()
		refused(t, b.users[0], site.url, status)
		proxy.Heal()
	}
	site.serve(func(*expressbridge.Options[data]) {})
	takeOver(t, b.users, site.url)
}

// With the options prefix and disableTTL of connect-redis.
func testWithoutTTL(t *testing.T, client *redis.Client, setup expressproof.Setup) {
	setup.RedisStore = map[string]any{"prefix": "shop:", "disableTTL": true}
	b := &before{}
	b.url, b.stopNode = expressproof.StartNode(t, setup)
	b.signIn(t, "endless", 3)
	keys, err := client.Keys(t.Context(), "shop:*").Result()
	require.NoError(t, err)
	require.Len(t, keys, 3)
	for _, key := range keys {
		require.Equal(t, time.Duration(-1), client.PTTL(t.Context(), key).Val(), "it has none")
	}
	site := newSite(t, redisRows(t, client, redisrows.Options{Prefix: "shop:"}), "net/http")
	site.serve(func(o *expressbridge.Options[data]) { o.Mode = expressbridge.SideBySide })
	late := b.users[2]
	takeOver(t, b.users[:2], site.url)
	here, there := b.users[0], b.users[1]
	_, err = here.ask(http.MethodPost, site.url+"/signout")
	require.NoError(t, err)
	refused(t, here, b.url, "401")
	_, err = there.ask(http.MethodPost, b.url+"/signout")
	require.NoError(t, err)
	site.clock.pass(8 * time.Minute)
	refused(t, there, site.url, "401")
	site.clock.pass(2 * time.Hour)
	refused(t, late, site.url, "401") // the JSON says when its cookie has ended
	site.clock.ahead.Store(0)
	takeOver(t, []*user{late}, site.url)
	b.stopNode()
	require.NoError(t, client.FlushAll(t.Context()).Err())
}
