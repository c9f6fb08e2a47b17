//go:build unix

package testserver

import (
	"os/exec"
	"testing"
)

// Redis starts a Redis server. The arguments are options of redis-server, such as "--appendonly", "yes"; without any it
// keeps what Redis's own defaults keep.
func Redis(tb testing.TB, arguments ...string) *Server {
	tb.Helper()
	program := find(tb, "redis-server", "redis-server")
	dir := folder(tb)
	addr, port := freePort(tb)
	return start(tb, &Server{
		Addr: addr, Dir: dir,
		command: func() *exec.Cmd {
			return exec.Command(program, append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", dir}, arguments...)...)
		},
		ready: func(addr string) error {
			answer, err := greeting(addr, "PING\r\n", 5)
			if err == nil && string(answer) != "+PONG" { // it is loading its data
				err = errNotReady
			}
			return err
		},
	})
}
