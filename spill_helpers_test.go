package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
)

// shelf is a store that counts what it is asked, and does to it what a test wants.
type shelf struct {
	spill.Memory

	mu                            sync.Mutex
	gets, creates, replaces, gone int
	getErr, putErr, deleteErr     error
	onPut                         func()                            // before a row is written
	onGet                         func(string, spill.Row) spill.Row // what becomes of a row that was read
	ids                           []string                          // that were written
}

func (s *shelf) Get(ctx context.Context, id string) (spill.Row, error) {
	s.mu.Lock()
	s.gets++
	err, change := s.getErr, s.onGet
	s.mu.Unlock()
	if err != nil {
		return spill.Row{}, err
	}
	row, err := s.Memory.Get(ctx, id)
	if change != nil {
		row = change(id, row)
	}
	return row, err
}

func (s *shelf) Create(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	return s.put(ctx, &s.creates, id, func() error { return s.Memory.Create(ctx, id, row, expiry) })
}

func (s *shelf) Replace(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	return s.put(ctx, &s.replaces, id, func() error { return s.Memory.Replace(ctx, id, row, expiry) })
}

func (s *shelf) put(_ context.Context, count *int, id string, write func() error) error {
	s.mu.Lock()
	*count++
	s.ids = append(s.ids, id)
	err, before := s.putErr, s.onPut
	s.onPut = nil
	s.mu.Unlock()
	if before != nil {
		before()
	}
	if err != nil {
		return err
	}
	return write()
}

func (s *shelf) Delete(ctx context.Context, id string) error {
	s.mu.Lock()
	s.gone++
	err := errors.Join(s.deleteErr, ctx.Err())
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.Memory.Delete(ctx, id)
}

// asked returns the counts since the last call: reads, writes and deletions.
func (s *shelf) asked() [3]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := [3]int{s.gets, s.creates + s.replaces, s.gone}
	s.gets, s.creates, s.replaces, s.gone = 0, 0, 0, 0
	return counts
}

// spilled is a shop whose sessions go into a store: all, or those that are too large.
func spilled(t testing.TB, always bool, change ...func(*sealjar.Options)) (*shop, *shelf, *sealjar.Jar[basket]) {
	t.Helper()
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	store := &shelf{Memory: spill.Memory{Now: shop.Now}}
	return shop, store, spillJar(t, shop, store, always, change...)
}

func spillJar(t testing.TB, shop *shop, store spill.Store, always bool, change ...func(*sealjar.Options)) *sealjar.Jar[basket] {
	t.Helper()
	change = append([]func(*sealjar.Options){func(o *sealjar.Options) { o.Spill = spill.Options{Store: store, Always: always} }}, change...)
	return jarOf[basket](t, shop, change...)
}

func noList(o *sealjar.Options) { o.Revocation = nil }

// fill makes a session too large for a cookie.
func fill(_ context.Context, s *sealjar.Session[basket]) {
	s.Data.Items = []string{strings.Repeat("large", 1000)}
}

func count(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ }

// views is what v finds in its session.
func views(v visitor, jar *sealjar.Jar[basket]) (int, error) {
	s, err := jar.Load(v.request())
	return s.Data.Views, err
}

// size is how many bytes of cookies v has.
func (v visitor) size() (n int) {
	for name, value := range v {
		n += len(name) + len(value)
	}
	return n
}

// nested answers a request of v in which two handlers take turns: inner is a request of its own while that of outer is under way.
func nested(v visitor, jar *sealjar.Jar[basket], outer func(context.Context, *sealjar.Session[basket]), inner func()) *http.Response {
	return ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		inner()
		outer(ctx, s)
	})
}
