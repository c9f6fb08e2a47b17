package natsstore

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sealjar/sealjar/revocation"
)

// waitSlice is how long Wait waits at most before it gives the hint anyway: notices may get lost, and a Read is cheap.
const waitSlice = time.Second

// Wait implements [revocation.Store]. The first call subscribes to the notices of the server; [Store.Close] ends that.
func (s *Store) Wait(ctx context.Context, after revocation.Cursor) error {
	c, err := parseCursor(after)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	first, err := s.added.subscribe(s.conn, s.notices())
	if err != nil {
		return wrap("wait", err)
	}
	last, next := s.added.state()
	if first || last > c.seq {
		return nil // what came before the subscription was not noticed
	}
	timer := time.NewTimer(waitSlice)
	defer timer.Stop()
	select {
	case <-next:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// notices is what the server says of messages that it has stored.
type notices struct {
	mu           sync.Mutex
	subscription *nats.Subscription
	closed       bool
	last         uint64        // sequence of the latest message
	next         chan struct{} // closed when the next notice comes; nil if nobody waits
}

// subscribe reports whether this call was the one that has subscribed.
func (n *notices) subscribe(conn *nats.Conn, subject string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false, errors.New("the store is closed")
	}
	if n.subscription != nil && n.subscription.IsValid() {
		return false, nil
	}
	var err error
	n.subscription, err = conn.Subscribe(subject, n.hear)
	return true, err
}

func (n *notices) hear(m *nats.Msg) {
	seq, err := strconv.ParseUint(m.Header.Get(nats.JSSequence), 10, 64)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		n.last = seq
	}
	if n.next != nil {
		close(n.next)
		n.next = nil
	}
}

func (n *notices) state() (last uint64, next <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == nil {
		n.next = make(chan struct{})
	}
	return n.last, n.next
}

func (n *notices) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = 0
}

func (n *notices) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.subscription == nil || !n.subscription.IsValid() {
		return nil
	}
	return n.subscription.Unsubscribe()
}
