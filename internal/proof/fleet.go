package proof

import (
	"sync"
	"time"
)

// Fleet is some nodes behind a load balancer, which sends no request to a node that is going down.
type Fleet struct {
	mu    sync.Mutex
	nodes []*Process
	up    []bool
}

// NewFleet is for n nodes, none of which is up.
func NewFleet(n int) *Fleet { return &Fleet{nodes: make([]*Process, n), up: make([]bool, n)} }

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
func (f *Fleet) Kill(i int, node *Process) {
	f.mu.Lock()
	f.up[i] = false
	f.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	node.Kill()
}

// Up says that a node, which has told its address, takes requests.
func (f *Fleet) Up(i int, node *Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes[i], f.up[i] = node, true
}
