package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// child is the second process, seen from the first.
type child struct {
	url   string
	pid   int
	input io.Closer
	ended chan struct{} // closed when it has
	err   error         // of its end
	cmd   *exec.Cmd
}

// startNode starts this program once more, as the second process, and waits for its address.
func startNode(setup nodeSetup) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), nodeVariable+"=1")
	cmd.Stderr = os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		return nil, err
	}
	c := &child{input: in, cmd: cmd, pid: cmd.Process.Pid, ended: make(chan struct{})}
	if err := json.NewEncoder(in).Encode(setup); err != nil {
		c.wait()
		return nil, errors.Join(err, c.stop())
	}
	text, err := bufio.NewReader(out).ReadString('\n')
	c.wait()
	if err != nil {
		return nil, errors.Join(errors.New("the second process has not started"), c.stop())
	}
	c.url = strings.TrimSpace(text)
	return c, nil
}

// wait has the end of the process noted. What it writes was read before: Wait closes the pipe.
func (c *child) wait() {
	go func() {
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
}

// stop has the second process end by itself, and ends it if it does not.
func (c *child) stop() error {
	_ = c.input.Close()
	select {
	case <-c.ended:
	case <-time.After(5 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
	return c.err
}

// nodeState is what the page tells of the second process.
type nodeState struct {
	mu   sync.Mutex
	url  string
	view nodeView
}

func (n *nodeState) started(c *child) {
	n.mu.Lock()
	n.url, n.view.PID = c.url, c.pid
	n.mu.Unlock()
}

func (n *nodeState) gone() {
	n.mu.Lock()
	n.view.Gone = true
	n.mu.Unlock()
}

func (n *nodeState) setStale(stale bool) {
	n.mu.Lock()
	n.view.Stale = stale
	n.mu.Unlock()
}

// get returns the address of the second process, empty if it has not started yet.
func (n *nodeState) get() (url string, view nodeView) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.url, n.view
}
