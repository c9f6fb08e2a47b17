package proof

import (
	"slices"
	"sync"
)

// Fleet is some nodes behind a load balancer, which sends no request to a node that is going down.
type Fleet struct {
	mu    sync.Mutex
	rose  *sync.Cond // somebody is up
	nodes []*Process
	up    []bool
	busy  []sync.WaitGroup // requests that are under way
}

// NewFleet is for n nodes, none of which is up.
func NewFleet(n int) *Fleet {
	f := &Fleet{nodes: make([]*Process, n), up: make([]bool, n), busy: make([]sync.WaitGroup, n)}
	f.rose = sync.NewCond(&f.mu)
	return f
}

// Node is the one that takes request i, until done is called. It waits for one that is up.
func (f *Fleet) Node(i int) (url string, done func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !slices.Contains(f.up, true) {
		f.rose.Wait()
	}
	for i %= len(f.nodes); !f.up[i]; {
		i = (i + 1) % len(f.nodes)
	}
	f.busy[i].Add(1)
	return f.nodes[i].URL, f.busy[i].Done
}

// Kill kills a node, wherever it is with its keys, when its last requests have ended.
func (f *Fleet) Kill(i int, node *Process) {
	f.mu.Lock()
	f.up[i] = false
	f.mu.Unlock()
	f.busy[i].Wait()
	node.Kill()
}

// Up says that a node, which has told its address, takes requests.
func (f *Fleet) Up(i int, node *Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes[i], f.up[i] = node, true
	f.rose.Broadcast()
}
