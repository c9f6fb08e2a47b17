package loopback

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sealjar/sealjar/bench/app"
)

// Server is a process that serves the application.
type Server struct {
	Name     string
	addr     string
	stdin    io.Closer
	cmd      *exec.Cmd
	database *database // nil for most
}

// Serve serves the application on a port of the loopback interface that it prints, until its input ends. It is what a server's
// process does.
func Serve(a app.App) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: a.Handler, ReadHeaderTimeout: patience}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startGo starts this program again, as the server of one application.
func startGo(name string) (*Server, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(name, []string{"GOMAXPROCS=1"}, program, "-serve", name)
}

// start starts a server on its core and waits for its address.
func start(name string, env []string, command ...string) (*Server, error) {
	command = append(onCore(serverCore), command...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{Name: name, stdin: stdin, cmd: cmd}
	address := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		address <- strings.TrimSpace(line)
	}()
	select {
	case s.addr = <-address:
	case <-time.After(20 * time.Second):
	}
	if s.addr == "" {
		s.stop()
		return nil, fmt.Errorf("loopback: %s does not start", name)
	}
	return s, nil
}

// stop ends the server, by force if it must.
func (s *Server) stop() {
	_ = s.stdin.Close()
	force := time.AfterFunc(3*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer force.Stop()
	_ = s.cmd.Wait()
}
