//go:build unix

// Package testserver starts the database servers that tests need: real ones from the machine's packages, each on a private
// loopback port, with its data in a temporary folder, and stopped when the test ends.
//
// Where a server's program is not installed the test is skipped with a word, and under CI=true it fails.
package testserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a running server process. It can be killed and started again on the same data and port.
type Server struct {
	// Addr is where it listens: 127.0.0.1 and a port.
	Addr string
	// Dir is its folder.
	Dir string

	tb      testing.TB
	command func() *exec.Cmd
	ready   func(addr string) error // nil once it answers
	cmd     *exec.Cmd
	done    chan struct{} // closed when the process is gone
	log     *logFile
}

// startTimeout is how long a server may take to answer. It is generous: a busy machine is no failed test.
const startTimeout = 90 * time.Second

// start runs the server for as long as tb does.
func start(tb testing.TB, s *Server) *Server {
	tb.Helper()
	s.tb = tb
	s.log = &logFile{}
	s.Start()
	tb.Cleanup(s.Kill)
	return s
}

// Start starts the server again after Stop or Kill, on the same data and port.
func (s *Server) Start() {
	s.tb.Helper()
	s.cmd = s.command()
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	endWithParent(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(s.cmd, s.done)

	deadline := time.NewTimer(startTimeout)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := s.ready(s.Addr)
		if err == nil {
			return
		}
		select {
		case <-s.done:
			s.tb.Fatalf("testserver: the server ended at once:\n%s", s.log.tail())
		case <-deadline.C:
			s.tb.Fatalf("testserver: the server does not answer: %v\n%s", err, s.log.tail())
		case <-again.C:
		}
	}
}

// Kill ends the server as a crash does: kill -9. It may be called again.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in order.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Pause stops the server without ending it, as a machine does that hangs; Resume lets it go on.
func (s *Server) Pause()  { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *Server) Resume() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *Server) end(signal syscall.Signal) {
	_ = s.cmd.Process.Signal(syscall.SIGCONT)
	_ = s.cmd.Process.Signal(signal)
	<-s.done
}

// find returns the path of a program, or skips the test: also in places that are not on everybody's PATH.
func find(tb testing.TB, name, debian string, places ...string) string {
	tb.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, pattern := range append(places, "/usr/sbin/"+name, "/usr/local/sbin/"+name) {
		found, _ := filepath.Glob(pattern)
		if len(found) > 0 {
			return found[len(found)-1]
		}
	}
	text := fmt.Sprintf("%s is not installed (Debian: apt-get install %s)", name, debian)
	if os.Getenv("CI") == "true" {
		tb.Fatal(text)
	}
	tb.Skip(text)
	return ""
}

// folder is a temporary folder with a short path, since a Unix socket in it has at most 107 characters.
func folder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "sealjar")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// freePort is [FreePort] in words.
func freePort(tb testing.TB) (addr, port string) {
	tb.Helper()
	n := FreePort(tb)
	return loopback(n), strconv.Itoa(n)
}

// greeting connects, says something, and returns what the server answers first.
func greeting(addr, say string, n int) ([]byte, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, say); err != nil {
		return nil, err
	}
	answer := make([]byte, n)
	_, err = io.ReadFull(conn, answer)
	return answer, err
}

var errNotReady = errors.New("not ready")

// logFile keeps what the server prints, for the case that it fails.
type logFile struct {
	mu   sync.Mutex
	last []byte
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, p...)
	if len(l.last) > 16<<10 {
		l.last = l.last[len(l.last)-8<<10:]
	}
	return len(p), nil
}

func (l *logFile) tail() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
