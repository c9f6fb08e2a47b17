// Package redisstore keeps sessions in Redis 6.2 or later, a single server, a Sentinel group or a cluster.
//
// # Use
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	store, err := redisstore.Open(ctx, client, redisstore.Options{})
//	jar, err := sealjar.New[Basket](sealjar.Options{Keys: ring, Spill: spill.Options{Store: store}})
//
// Each session is a hash under a key of its own, which Redis deletes when it has expired. A request costs one HMGET to
// read it, and a script if it changes it. Several jars may share a prefix.
//
// # Durability
//
// Redis forgets what it has acknowledged unless it is told not to, and then users are signed out. [Open] asks for the
// settings and refuses all but these, unless [Options].InsecureDurability accepts them:
//
//   - appendonly yes. With appendfsync everysec, a crash of the machine loses up to a second or two of changes.
//   - maxmemory-policy noeviction, or no maxmemory: other policies delete sessions when memory is short.
//
// What a crash or a failover to a replica takes back is not shown: a session that is older than its cookie is refused.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/spill"
)

// Options says how a store works. The zero value is the safest form.
type Options struct {
	// Prefix begins the keys of all sessions; empty means sealjar:session. At most 64 characters, no braces.
	Prefix string

	// InsecureDurability accepts a server that may forget acknowledged sessions, and one that does not tell its settings.
	InsecureDurability bool
}

// Store is a [spill.Store]. It is safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	prefix string
}

var _ spill.Store = (*Store)(nil)

// Open checks the options, the server's settings and the client, whose option ContextTimeoutEnabled must be on: without it
// go-redis does not keep to [spill.Options].Timeout. The error names what is wrong. Closing the client is up to the caller.
func Open(ctx context.Context, client redis.UniversalClient, options Options) (*Store, error) {
	if options.Prefix == "" {
		options.Prefix = "sealjar:session"
	}
	switch {
	case client == nil:
		return nil, errors.New("redisstore: no client")
	case !bounded(client):
		return nil, errors.New("redisstore: the client's ContextTimeoutEnabled is off: it would outlast a request's time")
	case len(options.Prefix) > 64 || strings.ContainsAny(options.Prefix, "{}"):
		return nil, errors.New("redisstore: Options.Prefix is longer than 64 characters or has braces")
	}
	if cluster, ok := client.(*redis.ClusterClient); ok && cluster.Options().ReadOnly {
		return nil, errors.New("redisstore: the client reads from replicas (ReadOnly, RouteByLatency, RouteRandomly), which may lag behind")
	}
	s := &Store{client: client, prefix: options.Prefix + ":"}
	if !options.InsecureDurability {
		if err := s.checkDurability(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// bounded reports whether a client returns when a context's deadline has passed. Those of others than go-redis must know.
func bounded(client redis.UniversalClient) bool {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return c.Options().ContextTimeoutEnabled
	case *redis.Ring:
		return c.Options().ContextTimeoutEnabled
	}
	return true
}

// checkDurability says which setting lets a server forget, or nil.
func (s *Store) checkDurability(ctx context.Context) error {
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, server *redis.Client) error { return checkServer(ctx, server) })
	}
	return checkServer(ctx, s.client)
}

func checkServer(ctx context.Context, server redis.Cmdable) error {
	settings := make(map[string]string)
	for _, name := range []string{"appendonly", "maxmemory", "maxmemory-policy"} {
		found, err := server.ConfigGet(ctx, name).Result()
		if err != nil {
			return fmt.Errorf("redisstore: the server does not tell its setting %s (see Options.InsecureDurability): %w", name, err)
		}
		settings[name] = found[name]
	}
	const forgets = "redisstore: with %s %s the server forgets sessions that it has acknowledged, when %s"
	switch {
	case settings["appendonly"] != "yes":
		return fmt.Errorf(forgets, "appendonly", settings["appendonly"], "it crashes")
	case settings["maxmemory"] != "0" && settings["maxmemory-policy"] != "noeviction":
		return fmt.Errorf(forgets, "maxmemory-policy", settings["maxmemory-policy"], "memory is short")
	}
	return nil
}

// Get implements [spill.Store].
func (s *Store) Get(ctx context.Context, id string) (spill.Row, error) {
	values, err := s.client.HMGet(ctx, s.prefix+id, "version", "data").Result()
	if err != nil {
		return spill.Row{}, fmt.Errorf("redisstore: get: %w", err)
	}
	if len(values) != 2 || values[0] == nil && values[1] != nil {
		return spill.Row{}, errStrange
	}
	if values[0] == nil {
		return spill.Row{}, nil
	}
	version, ok := values[0].(string)
	data, also := values[1].(string)
	if !ok || !also {
		return spill.Row{}, errStrange
	}
	row := spill.Row{Data: []byte(data)}
	if row.Version, err = strconv.ParseInt(version, 10, 64); err != nil || row.Check(id) != nil {
		return spill.Row{}, errStrange
	}
	return row, nil
}

var errStrange = errors.New("redisstore: a session in the store was not written by this package")

// create and replace write a row, or nothing and return 0. A script is atomic, and its numbers are exact up to 2^53.
//
// KEYS: the row's. ARGV: version, data, and expiry in milliseconds since 1970.
var (
	create = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
` + write)

	replace = redis.NewScript(`
local have = redis.call('HGET', KEYS[1], 'version')
if not have or tonumber(have) >= tonumber(ARGV[1]) then return 0 end
` + write)
)

const write = `
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1
`

// Create implements [spill.Store].
func (s *Store) Create(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	return s.put(ctx, "create", create, id, row, expiry)
}

// Replace implements [spill.Store].
func (s *Store) Replace(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	return s.put(ctx, "replace", replace, id, row, expiry)
}

func (s *Store) put(ctx context.Context, what string, script *redis.Script, id string, row spill.Row, expiry time.Time) error {
	if err := row.Check(id); err != nil {
		return err
	}
	written, err := script.Run(ctx, s.client, []string{s.prefix + id}, row.Version, row.Data, expiry.Add(time.Millisecond-1).UnixMilli()).Int()
	if err != nil {
		return fmt.Errorf("redisstore: %s: %w", what, err)
	}
	if written == 0 {
		return spill.ErrConflict
	}
	return nil
}

// Delete implements [spill.Store].
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := s.client.Del(ctx, s.prefix+id).Err(); err != nil {
		return fmt.Errorf("redisstore: delete: %w", err)
	}
	return nil
}
