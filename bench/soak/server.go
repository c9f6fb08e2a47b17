package soak

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// variable tells a process that it is the server.
const variable = "SEALJAR_SOAK_SERVER"

// Serve is called first by a program that calls [Run], which starts the program again as the server. There it does not return.
func Serve() {
	if os.Getenv(variable) == "" {
		return
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve tells the addresses of the two servers and then, for each line that comes in, the figures. It ends with its input.
func serve() error {
	a, err := newApplication()
	if err != nil {
		return err
	}
	for _, handler := range []http.Handler{a.std(), a.echo()} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println(listener.Addr())
		go http.Serve(listener, handler) //nolint:errcheck // it ends with the process
	}
	out := json.NewEncoder(os.Stdout)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if err := out.Encode(measure()); err != nil {
			return err
		}
	}
	return nil
}

// Figures are what a server needs of the machine at one moment, after a garbage collection.
type Figures struct {
	RSS        uint64 // bytes; 0 where that can't be told
	Heap       uint64 // bytes that are in use
	Objects    uint64
	Goroutines int
}

func measure() Figures {
	runtime.GC()
	runtime.GC() // what pools held is gone only after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Figures{RSS: rss(), Heap: m.HeapAlloc, Objects: m.HeapObjects, Goroutines: runtime.NumGoroutine()}
}

func rss() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * uint64(os.Getpagesize())
}

// server is the process, seen from outside.
type server struct {
	addresses [2]string
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
}

func startServer() (*server, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(program)}
	s.cmd.Env = append(os.Environ(), variable+"=1")
	s.cmd.Stderr = os.Stderr
	in, inErr := s.cmd.StdinPipe()
	out, outErr := s.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.in, s.out = in, bufio.NewReader(out)
	for i := range s.addresses {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.close()
			return nil, fmt.Errorf("soak: the server does not start: %w", err)
		}
		s.addresses[i] = strings.TrimSpace(line)
	}
	return s, nil
}

func (s *server) figures() (f Figures, err error) {
	if _, err := fmt.Fprintln(s.in); err != nil {
		return f, err
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return f, fmt.Errorf("soak: the server has ended: %w", err)
	}
	return f, json.Unmarshal(line, &f)
}

// patience is how long the server may take to see that its clients are gone.
const patience = 30 * time.Second

// settled waits until the server has no more goroutines than before, and returns how many there are.
func (s *server) settled(before int) (int, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		f, err := s.figures()
		if err != nil || f.Goroutines <= before || time.Now().After(deadline) {
			return f.Goroutines, err
		}
	}
}

func (s *server) close() {
	_ = s.in.Close()
	_ = s.cmd.Wait()
}
