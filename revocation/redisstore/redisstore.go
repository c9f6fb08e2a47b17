// Package redisstore keeps revocations in Redis 6.2 or later, a single server, a Sentinel group or a cluster.
//
// # Use
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	store, err := redisstore.Open(ctx, client, redisstore.Options{})
//	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse})
//
// # How nodes follow
//
// Revocations are written to a stream, which Redis keeps in the order in which it has acknowledged them, and nodes read on from
// where they were: a node that was cut off misses nothing, which publish/subscribe can't say. A blocking read wakes them
// in less than a millisecond. Entries leave the stream when they have expired, never because there are many. A key for each
// name, with an expiry of its own, answers point queries.
//
// A counter goes with the stream. When a node finds that the counter went back, that the entry at which it stands is
// gone or has another number, or that the store's random identity is another, Redis has lost what it had acknowledged
// (a flush, an old backup, a failover), and the node reads all anew. A server that has become a replica is not
// believed; so the client's user must be allowed the command ROLE.
//
// # Durability
//
// Redis forgets what it has acknowledged unless it is told not to: with its default settings a crash loses everything since
// the last snapshot. [Open] asks for the settings and refuses all but these, unless [Options].InsecureDurability accepts them:
//
//   - appendonly yes and appendfsync always. With everysec, a crash of the machine loses up to a second or two.
//   - maxmemory-policy noeviction, or no maxmemory: other policies delete revocations when memory is short.
//
// A failover to a replica loses what the replica had not received: replication is asynchronous. [Options].Replicas makes Add wait
// until so many have it (WAIT), which narrows the window and does not close it, as Redis's own documentation says. What
// was lost in a failover is noticed, and the nodes that know it write it back.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/revocation"
)

// Options says how a store works. The zero value is the safest form.
type Options struct {
	// Prefix begins all keys of the store; empty means sealjar:revocations. It is put into braces, the hash tag that keeps all
	// keys in one slot of a cluster. At most 64 characters, no braces.
	Prefix string

	// Replicas is how many replicas must have an entry before Add returns nil.
	Replicas int

	// InsecureDurability accepts a server that may forget acknowledged revocations, and one that does not tell its settings.
	InsecureDurability bool

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Store is a [revocation.Store] and a [revocation.Sweeper]. It is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	options Options
	// The keys: a stream, a counter of its entries, a random identity; and the beginning of those by name.
	log, count, identity, byName string
	sweep                        sweeper
}

var (
	_ revocation.Store   = (*Store)(nil)
	_ revocation.Sweeper = (*Store)(nil)
)

// Open checks the options, the server's settings and the client, whose option ContextTimeoutEnabled must be on: without it
// go-redis does not keep to [revocation.DirectOptions].Timeout. The error names what is wrong. Closing the client is up to the caller.
func Open(ctx context.Context, client redis.UniversalClient, options Options) (*Store, error) {
	if options.Prefix == "" {
		options.Prefix = "sealjar:revocations"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	switch {
	case client == nil:
		return nil, errors.New("redisstore: no client")
	case !bounded(client):
		return nil, errors.New("redisstore: the client's ContextTimeoutEnabled is off: it would outlast a request's time")
	case len(options.Prefix) > 64 || strings.ContainsAny(options.Prefix, "{}"):
		return nil, errors.New("redisstore: Options.Prefix is longer than 64 characters or has braces")
	case options.Replicas < 0:
		return nil, errors.New("redisstore: Options.Replicas is negative")
	}
	if cluster, ok := client.(*redis.ClusterClient); ok && cluster.Options().ReadOnly {
		return nil, errors.New("redisstore: the client reads from replicas (ReadOnly, RouteByLatency, RouteRandomly), which may lag behind")
	}
	tag := "{" + options.Prefix + "}:"
	s := &Store{
		client: client, options: options,
		log: tag + "log", count: tag + "count", identity: tag + "id", byName: tag + "name:",
	}
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

// primary is the connection pool of the server that has the keys.
func (s *Store) primary(ctx context.Context) (redis.Cmdable, error) {
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, s.log)
	}
	return s.client, nil
}

// checkDurability says which setting lets the server forget, or nil.
func (s *Store) checkDurability(ctx context.Context) error {
	server, err := s.primary(ctx)
	if err != nil {
		return wrap("open", err)
	}
	settings := make(map[string]string)
	for _, name := range []string{"appendonly", "appendfsync", "maxmemory", "maxmemory-policy"} {
		found, err := server.ConfigGet(ctx, name).Result()
		if err != nil {
			return fmt.Errorf("redisstore: the server does not tell its setting %s (see Options.InsecureDurability): %w", name, err)
		}
		settings[name] = found[name]
	}
	const forgets = "redisstore: with %s %s the server forgets revocations that it has acknowledged, when %s"
	switch {
	case settings["appendonly"] != "yes":
		return fmt.Errorf(forgets, "appendonly", settings["appendonly"], "it crashes")
	case settings["appendfsync"] != "always":
		return fmt.Errorf(forgets, "appendfsync", settings["appendfsync"], "its machine crashes")
	case settings["maxmemory"] != "0" && settings["maxmemory-policy"] != "noeviction":
		return fmt.Errorf(forgets, "maxmemory-policy", settings["maxmemory-policy"], "memory is short")
	}
	return nil
}

// add merges each entry into the key of its name and appends it to the stream, all or nothing: a script is atomic.
//
// KEYS: log, count, identity, then a key for each entry. ARGV: a fresh identity, then kind, name, cutoff, until and
// reason of each. What it appends, parsePacked reads.
var add = redis.NewScript(`
redis.call('SET', KEYS[3], ARGV[1], 'NX')
for i = 4, #KEYS do
	local at = 2 + (i - 4) * 5
	local kind, name, cutoff, untl, reason = unpack(ARGV, at, at + 4)
	local n = redis.call('INCR', KEYS[2])
	redis.call('XADD', KEYS[1], '*', 'e', table.concat({string.format('%.0f', n), kind, cutoff, untl, #name, name .. reason}, ' '))
	local have = redis.call('HMGET', KEYS[i], 'cutoff', 'until', 'reason')
	if have[1] then
		if tonumber(have[1]) > tonumber(cutoff) then cutoff, reason = have[1], have[3] end
		if tonumber(have[1]) == tonumber(cutoff) and have[3] > reason then reason = have[3] end
		if tonumber(have[2]) > tonumber(untl) then untl = have[2] end
	end
	redis.call('HSET', KEYS[i], 'cutoff', cutoff, 'until', untl, 'reason', reason)
	redis.call('PEXPIREAT', KEYS[i], untl)
end
return redis.status_reply('OK')
`)

const (
	// maxScript is how many entries one script writes: few, since nobody else is served while it runs.
	maxScript = 200

	// replicaWait is how long Add waits for replicas: less than the client waits for an answer unless it is told otherwise.
	replicaWait = 2 * time.Second
)

// Add implements [revocation.Store].
func (s *Store) Add(ctx context.Context, entries ...revocation.Entry) error {
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	server, err := s.primary(ctx)
	if err != nil {
		return wrap("add", err)
	}
	for rest := entries; len(rest) > 0; {
		n := min(len(rest), maxScript)
		if err := s.addSome(ctx, server, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return ctx.Err()
}

func (s *Store) addSome(ctx context.Context, server redis.Cmdable, entries []revocation.Entry) error {
	keys := []string{s.log, s.count, s.identity}
	args := []any{newIdentity()}
	for _, e := range entries {
		keys = append(keys, s.key(revocation.Name{Kind: e.Kind, Name: e.Name}))
		args = append(args, string(e.Kind), e.Name, e.Cutoff.UnixMilli(), e.Until.Add(time.Millisecond-1).UnixMilli(), e.Reason)
	}
	if s.options.Replicas == 0 {
		return wrap("add", add.Run(ctx, server, keys, args...).Err())
	}
	// WAIT speaks of what its own connection has written, so both go in one pipeline.
	pipe := server.Pipeline()
	written := add.Eval(ctx, pipe, keys, args...)
	replicas := redis.NewIntCmd(ctx, "wait", s.options.Replicas, replicaWait.Milliseconds())
	_ = pipe.Process(ctx, replicas)
	if _, err := pipe.Exec(ctx); err != nil {
		return wrap("add", err)
	}
	if err := written.Err(); err != nil {
		return wrap("add", err)
	}
	if n := replicas.Val(); n < int64(s.options.Replicas) {
		return fmt.Errorf("redisstore: add: %d replicas have the entry, want %d", n, s.options.Replicas)
	}
	return nil
}

func (s *Store) key(n revocation.Name) string { return s.byName + string(n.Kind) + ":" + n.Name }

// Lookup implements [revocation.Store].
func (s *Store) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	server, err := s.primary(ctx)
	if err != nil {
		return nil, wrap("lookup", err)
	}
	pipe := server.Pipeline()
	role := redis.NewSliceCmd(ctx, "role")
	_ = pipe.Process(ctx, role)
	commands := make([]*redis.SliceCmd, len(names))
	for i, name := range names {
		commands[i] = pipe.HMGet(ctx, s.key(name), "cutoff", "until", "reason")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, wrap("lookup", err)
	}
	if err := checkRole(role); err != nil {
		return nil, wrap("lookup", err)
	}
	var found []revocation.Entry
	now := s.options.Now()
	for i, command := range commands {
		values := command.Val()
		if values[0] == nil {
			continue
		}
		fields := []any{"kind", string(names[i].Kind), "name", names[i].Name, "cutoff", values[0], "until", values[1], "reason", values[2]}
		e, _, err := parseEntry(fields)
		if err != nil {
			return nil, err
		}
		if e.Until.After(now) {
			found = append(found, e)
		}
	}
	return found, ctx.Err()
}

var errStrange = errors.New("redisstore: an entry in the store was not written by this package")

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redisstore: %s: %w", what, err)
}
