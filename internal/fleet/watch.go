package fleet

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// watch asks about sessions every millisecond, and notes when they are refused for the first time.
type watch struct {
	mu      sync.Mutex
	cancel  context.CancelFunc
	done    chan struct{}
	refused map[string]time.Time
}

// startWatch watches the session ids in the body until endWatch.
func (n *node) startWatch(w http.ResponseWriter, r *http.Request) {
	pending := sids(r)
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	n.watch.cancel, n.watch.done, n.watch.refused = cancel, make(chan struct{}), make(map[string]time.Time)
	go n.probe(ctx, pending)
	w.WriteHeader(http.StatusNoContent)
}

func (n *node) probe(ctx context.Context, pending []string) {
	defer close(n.watch.done)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(pending) > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		left := pending[:0]
		for _, sid := range pending {
			if !errors.Is(n.list.Check(ctx, claims(sid)), revocation.ErrRevoked) {
				left = append(left, sid)
				continue
			}
			n.watch.refused[sid] = time.Now()
		}
		pending = left
	}
}

// endWatch answers when each session was refused.
func (n *node) endWatch(w http.ResponseWriter, _ *http.Request) {
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	n.watch.cancel()
	<-n.watch.done
	reply(w, n.watch.refused)
}
