package proof

import (
	"sync"
	"testing"
	"time"
)

// Fleet is some nodes behind a load balancer, which sends no request to a node that is going down.
type Fleet struct {
	mu    sync.Mutex
	nodes []*Process
	up    []bool
}

// NewFleet starts with nodes that are up.
func NewFleet(nodes ...*Process) *Fleet {
	f := &Fleet{nodes: nodes}
	for range nodes {
		f.up = append(f.up, true)
	}
	return f
}

// Node is the one that takes request i. At least one must be up.
func (f *Fleet) Node(i int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.up[i%len(f.nodes)] {
		i++
	}
	return f.nodes[i%len(f.nodes)].URL
}

// Kill kills a node, wherever it is, when its last requests have had a moment to end.
func (f *Fleet) Kill(i int) {
	f.mu.Lock()
	f.up[i] = false
	f.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	f.nodes[i].Kill()
}

// Replace puts a node that has been started in the place of one that was killed.
func (f *Fleet) Replace(t *testing.T, i int, node *Process) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes[i], f.up[i] = node, true
}
