package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/revocation"
)

// newIdentity is a random name for a store that has none yet.
func newIdentity() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program rather than return an error
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// cursor is how far a node has read: the store's identity, the last stream id, and the number of that entry.
type cursor struct {
	identity, id string
	n            int64
}

func (c *cursor) text() revocation.Cursor {
	return revocation.Cursor(c.identity + "/" + c.id + "/" + strconv.FormatInt(c.n, 10))
}

var errCursor = fmt.Errorf("redisstore: %w", revocation.ErrCursor)

func parseCursor(text revocation.Cursor) (cursor, error) {
	if text == "" {
		return cursor{id: "0-0"}, nil
	}
	if len(text) > 128 {
		return cursor{}, errCursor
	}
	parts := strings.Split(string(text), "/")
	if len(parts) != 3 || parts[0] == "" || !isStreamID(parts[1]) {
		return cursor{}, errCursor
	}
	n, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return cursor{}, errCursor
	}
	return cursor{identity: parts[0], id: parts[1], n: n}, nil
}

func isStreamID(id string) bool {
	ms, seq, found := strings.Cut(id, "-")
	_, err1 := strconv.ParseUint(ms, 10, 64)
	_, err2 := strconv.ParseUint(seq, 10, 64)
	return found && err1 == nil && err2 == nil
}

// pageSize is how many entries come in one round trip. The server answers nobody else while it gathers them, a few milliseconds.
const pageSize = revocation.MaxBatch

// Read implements [revocation.Store].
func (s *Store) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	c, err := parseCursor(after)
	if err != nil {
		return "", err
	}
	server, err := s.primary(ctx)
	if err != nil {
		return "", wrap("read", err)
	}
	if after == "" {
		// A store that is read has an identity, so that emptying it before the first entry came is noticed too.
		if err := server.SetNX(ctx, s.identity, newIdentity(), 0).Err(); err != nil {
			return "", wrap("read", err)
		}
	}
	return s.readPages(ctx, server, c, apply)
}

// readPages reads the entries after c. While a page is taken in, the next one is on its way: half of the time of a big read is
// the server's.
func (s *Store) readPages(ctx context.Context, server redis.Cmdable, c cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan page, 1)
	fetch := func(after string) { go func() { pages <- s.fetch(ctx, server, after) }() }
	fetch(c.id)
	begun := c.n > 0 // otherwise there is no place to find again
	for {
		p := <-pages
		more := len(p.items) == pageSize
		if more {
			fetch(p.last)
		}
		err := p.err
		if begun && err == nil {
			err = p.isAt(&c)
		}
		begun = false
		if err == nil {
			err = s.take(&p, &c, apply)
		}
		if err != nil {
			cancel()
			if more {
				<-pages // nothing of a Read is left when it returns
			}
			return "", err
		}
		if !more {
			return c.text(), ctx.Err()
		}
	}
}

// page is what one round trip brings.
type page struct {
	identity string
	total    int64 // how many entries the log has had
	place    []any // the entry after which the page begins, if it is still there
	items    []any
	last     string // stream id of the last of them
	err      error
}

// isAt finds out whether the entry at which the cursor stands is still there. After a failover that lost it, to a
// server whose clock is behind, what comes next has stream ids before the cursor's, and would never be read.
func (p *page) isAt(c *cursor) error {
	if len(p.place) == 0 {
		return errCursor // or it has expired, and this node is behind: Sweep leaves the last one alone
	}
	_, fields, err := streamEntry(p.place[0])
	if err != nil {
		return err
	}
	_, n, err := parseEntry(fields)
	if err == nil && n != c.n {
		err = errCursor
	}
	return err
}

func (s *Store) fetch(ctx context.Context, server redis.Cmdable, after string) page {
	pipe := server.TxPipeline() // one moment: what the counter counts is in the stream
	identity := pipe.Get(ctx, s.identity)
	count := pipe.Get(ctx, s.count)
	role := redis.NewSliceCmd(ctx, "role")
	place := redis.NewSliceCmd(ctx, "xrange", s.log, after, after)
	items := redis.NewSliceCmd(ctx, "xrange", s.log, "("+after, "+", "count", pageSize)
	for _, command := range []redis.Cmder{role, place, items} {
		_ = pipe.Process(ctx, command)
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return page{err: wrap("read", err)}
	}
	if err := checkRole(role); err != nil {
		return page{err: wrap("read", err)}
	}
	total, err := count.Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return page{err: wrap("read", err)}
	}
	p := page{identity: identity.Val(), total: total, place: place.Val(), items: items.Val()}
	if n := len(p.items); n > 0 {
		if p.last, _, err = streamEntry(p.items[n-1]); err != nil {
			return page{err: err}
		}
	}
	return p
}

var errReplica = errors.New("the server is a replica, which may lag behind and not know it")

// checkRole finds a server that was the primary and is not any more: who stays connected to it would believe to be up to date.
func checkRole(role *redis.SliceCmd) error {
	if values := role.Val(); len(values) == 0 || values[0] != "master" {
		return errReplica
	}
	return nil
}

// take hands the entries of a page on and moves c.
func (s *Store) take(p *page, c *cursor, apply func([]revocation.Entry) error) error {
	if c.identity == "" {
		c.identity = p.identity
	}
	if p.identity == "" || p.identity != c.identity || p.total < c.n {
		return errCursor
	}
	entries, err := s.parsePage(p.items, c)
	if err != nil || len(entries) == 0 {
		return err
	}
	return apply(entries)
}

func (s *Store) parsePage(page []any, c *cursor) ([]revocation.Entry, error) {
	now := s.options.Now()
	entries := make([]revocation.Entry, 0, len(page))
	for _, item := range page {
		id, fields, err := streamEntry(item)
		if err != nil {
			return nil, err
		}
		e, n, err := parseEntry(fields)
		if err != nil {
			return nil, err
		}
		if n <= c.n {
			return nil, errCursor // the counter went back: what had these numbers before was lost
		}
		c.id, c.n = id, n
		if e.Until.After(now) {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func streamEntry(item any) (id string, fields []any, err error) {
	pair, ok := item.([]any)
	if !ok || len(pair) != 2 {
		return "", nil, errStrange
	}
	id, ok = pair[0].(string)
	if !ok {
		return "", nil, errStrange
	}
	fields, ok = pair[1].([]any)
	if !ok {
		return "", nil, errStrange
	}
	return id, fields, nil
}

// waitSlice is how long one blocking read lasts at most: the client can't break it off when the context ends.
const waitSlice = 250 * time.Millisecond

// Wait implements [revocation.Store] by a blocking read. It holds one connection of the pool.
func (s *Store) Wait(ctx context.Context, after revocation.Cursor) error {
	c, err := parseCursor(after)
	if err != nil {
		return err
	}
	server, err := s.primary(ctx)
	if err != nil {
		return wrap("wait", err)
	}
	for ctx.Err() == nil {
		err := server.XRead(ctx, &redis.XReadArgs{Streams: []string{s.log, c.id}, Count: 1, Block: waitSlice}).Err()
		if !errors.Is(err, redis.Nil) { // Nil: nothing came
			return wrap("wait", err)
		}
	}
	return ctx.Err()
}
