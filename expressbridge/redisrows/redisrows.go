// Package redisrows reads the sessions that Express keeps in Redis by connect-redis, for package expressbridge. Redis may be
// a single server, a Sentinel group or a cluster, of version 6.2 or later.
//
// # Use
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	rows, err := redisrows.New(client, redisrows.Options{})
//	source, err := expressbridge.New(expressbridge.Options[Data]{Rows: rows, …})
//
// A session is read with one round trip and changed with one. A user of Redis's ACL needs GETRANGE, PTTL, MULTI and EXEC on
// the keys, and for what the bridge does with them SET, PEXPIRE and DEL.
//
// # Lifetimes
//
// The key's TTL says when a session ends. A key that has none, which the option disableTTL makes, ends when the cookie
// does that express-session has written with it: cookie.expires of its JSON. If that is null too, the session ends with
// its browser or its key, as it does in Node.js.
//
// What the bridge prolongs, shortens or writes has a TTL from then on. With disableTTL, Node.js does not move that until it
// writes the session itself: who is taken over side by side, and then comes to Node.js alone, is signed out when it is
// over. Nor does the option rolling move cookie.expires. So turn disableTTL off in Node.js first.
//
// # Limits
//
// Not done: an empty prefix; the option serializer, unless it writes JSON; sessions in anything but strings. What Redis
// forgets, because it crashed or memory was short, is a session that has ended, as it is in Node.js.
package redisrows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/expressbridge"
)

// Options says how connect-redis was configured. The zero value is its default.
type Options struct {
	// Prefix is what stands before the id in a key, together with a prefix that the client in Node.js adds to each key.
	// Empty means sess:, as in connect-redis. At most 255 bytes.
	Prefix string
}

// New checks the options and the client, whose option ContextTimeoutEnabled must be on: without it go-redis does not keep to
// [expressbridge.Options].Timeout. It does not use Redis. The rows are safe for concurrent use. Closing the client is up to
// the caller.
func New(client redis.UniversalClient, options Options) (expressbridge.Rows, error) {
	if options.Prefix == "" {
		options.Prefix = "sess:"
	}
	switch {
	case client == nil:
		return nil, errors.New("redisrows: no client")
	case len(options.Prefix) > 255:
		return nil, errors.New("redisrows: Options.Prefix is longer than 255 bytes")
	case !bounded(client):
		return nil, errors.New("redisrows: the client's ContextTimeoutEnabled is off: it would outlast a request's time")
	}
	return &rows{client, options.Prefix}, nil
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

type rows struct {
	client redis.UniversalClient
	prefix string
}

func (r *rows) Get(ctx context.Context, sid string, limit int) (data []byte, expires time.Time, err error) {
	var text *redis.StringCmd
	var left *redis.DurationCmd
	_, err = r.client.TxPipelined(ctx, func(p redis.Pipeliner) error { // at one moment; a cluster's primary does it
		text = p.GetRange(ctx, r.prefix+sid, 0, int64(limit))
		left = p.PTTL(ctx, r.prefix+sid)
		return nil
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("redisrows: get: %w", err)
	}
	data = []byte(text.Val())
	switch ttl := left.Val(); ttl {
	case noKey:
		return nil, time.Time{}, expressbridge.ErrNoRow
	case noTTL:
		return data, cookieEnds(data, time.Now()), nil
	default:
		return data, time.Now().Add(ttl), nil // and not by the server's clock, which may be another
	}
}

// What go-redis makes of the answers of PTTL that are no time.
const (
	noKey time.Duration = -2
	noTTL time.Duration = -1
)

const unending = 400 * 24 * time.Hour // as long as browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, section 5.5)

// cookieEnds is when a session ends by its JSON. What express-session would not have written has ended long ago.
func cookieEnds(data []byte, now time.Time) (ends time.Time) {
	var session, cookie map[string]json.RawMessage // and no structs, which would take Expires for expires
	var text *string
	if json.Unmarshal(data, &session) != nil || json.Unmarshal(session["cookie"], &cookie) != nil || cookie == nil {
		return time.Time{}
	}
	if raw, ok := cookie["expires"]; ok && json.Unmarshal(raw, &text) != nil {
		return time.Time{}
	}
	if text == nil {
		return now.Add(unending)
	}
	ends, _ = time.Parse(time.RFC3339, *text) // Date.prototype.toISOString
	return ends
}

func (r *rows) Insert(ctx context.Context, sid string, data []byte, expires time.Time) error {
	left := time.Until(expires)
	if left < time.Millisecond {
		return nil // Redis takes no time that is over
	}
	if err := r.client.Set(ctx, r.prefix+sid, data, left).Err(); err != nil {
		return fmt.Errorf("redisrows: insert: %w", err)
	}
	return nil
}

func (r *rows) Update(ctx context.Context, sid string, data []byte, expires time.Time) (err error) {
	switch left := time.Until(expires); {
	case left < time.Millisecond:
		return r.Delete(ctx, sid)
	case data == nil:
		err = r.client.PExpire(ctx, r.prefix+sid, left).Err()
	default:
		err = r.client.SetXX(ctx, r.prefix+sid, data, left).Err()
	}
	if err != nil {
		return fmt.Errorf("redisrows: update: %w", err)
	}
	return nil
}

func (r *rows) Delete(ctx context.Context, sid string) error {
	if err := r.client.Del(ctx, r.prefix+sid).Err(); err != nil {
		return fmt.Errorf("redisrows: delete: %w", err)
	}
	return nil
}
