package redisstore

import (
	"context"
	"slices"
	"sync"
)

// sweeper goes through the stream page by page, since entries do not expire in the order in which they came.
type sweeper struct {
	mu   sync.Mutex
	next string // the stream id after which to go on; empty is the beginning
}

// Sweep implements [revocation.Sweeper]: it looks at the next 4,096 entries of the stream and deletes those that have
// expired. The keys by name expire by themselves. The last entry of the stream stays, since the cursors of the nodes
// that are up to date point to it.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	s.sweep.mu.Lock()
	defer s.sweep.mu.Unlock()
	server, err := s.primary(ctx)
	if err != nil {
		return 0, wrap("sweep", err)
	}
	from := "-"
	if s.sweep.next != "" {
		from = "(" + s.sweep.next
	}
	page, err := server.XRangeN(ctx, s.log, from, "+", pageSize).Result()
	if err != nil {
		return 0, wrap("sweep", err)
	}
	now := s.options.Now()
	var expired []string
	for _, item := range page {
		fields := make([]any, 0, 2*len(item.Values))
		for name, value := range item.Values {
			fields = append(fields, name, value)
		}
		e, _, err := parseEntry(fields)
		if err != nil {
			return 0, err
		}
		if !e.Until.After(now) {
			expired = append(expired, item.ID)
		}
	}
	s.sweep.next = ""
	if len(page) == pageSize {
		s.sweep.next = page[len(page)-1].ID
	}
	if len(expired) == 0 {
		return 0, ctx.Err()
	}
	last, err := server.XRevRangeN(ctx, s.log, "+", "-", 1).Result()
	if err != nil {
		return 0, wrap("sweep", err)
	}
	expired = slices.DeleteFunc(expired, func(id string) bool { return len(last) == 0 || id == last[0].ID })
	if len(expired) == 0 {
		return 0, ctx.Err()
	}
	n, err := server.XDel(ctx, s.log, expired...).Result()
	return int(n), wrap("sweep", err)
}
