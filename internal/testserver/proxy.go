//go:build unix

package testserver

import (
	"net"
	"sync"
	"testing"
)

// Proxy is a TCP proxy in front of a server, which can cut and mend the network between.
type Proxy struct {
	// Addr is where it listens.
	Addr string

	listener net.Listener
	target   string

	mu      sync.Mutex
	changed *sync.Cond
	cut     bool
	closed  bool
	conns   map[net.Conn]struct{}
	running sync.WaitGroup
}

// NewProxy starts a proxy to addr for as long as tb runs.
func NewProxy(tb testing.TB, addr string) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), listener: l, target: addr, conns: make(map[net.Conn]struct{})}
	p.changed = sync.NewCond(&p.mu)
	p.running.Go(p.serve)
	tb.Cleanup(p.close)
	return p
}

// Cut makes the network silent, as a partition does: connections stay open and nothing passes; new ones are taken and
// get no answer.
func (p *Proxy) Cut() {
	p.mu.Lock()
	p.cut = true
	p.mu.Unlock()
}

// Heal lets everything pass again, also what was on its way.
func (p *Proxy) Heal() {
	p.mu.Lock()
	p.cut = false
	p.mu.Unlock()
	p.changed.Broadcast()
}

// Reset breaks all connections, as the restart of a firewall does.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.changed.Broadcast()
	p.Reset()
	p.running.Wait()
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.connect(client) })
	}
}

func (p *Proxy) connect(client net.Conn) {
	if !p.keep(client) {
		return
	}
	if !p.passes() {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	if !p.keep(server) {
		return
	}
	p.running.Go(func() { p.pump(client, server) })
	p.pump(server, client)
}

// keep remembers a connection so that it can be broken, or closes it if all is over.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

// passes waits until the network is whole. It returns false when the proxy has been closed.
func (p *Proxy) passes() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.closed {
		p.changed.Wait()
	}
	return !p.closed
}

func (p *Proxy) pump(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && p.passes() {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = to.Close(), from.Close()
	p.mu.Lock()
	delete(p.conns, to)
	delete(p.conns, from)
	p.mu.Unlock()
}
