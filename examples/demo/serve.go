package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// loopback is what localhost stands for. Browsers may try either first, and must not meet somebody else there.
var loopback = []string{"127.0.0.1", "::1"}

// listen takes the port on each host, or another one if somebody has it on any of them. The first host must be there; another
// that is not, as ::1 on a machine without IPv6, is left out.
func listen(port int, hosts ...string) ([]net.Listener, error) {
	for range 10 {
		all, err := listenOn(port, hosts)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return all, err
		}
		port = 0
	}
	return nil, errors.New("no port is free on all of localhost")
}

func listenOn(port int, hosts []string) ([]net.Listener, error) {
	var all []net.Listener
	for _, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if len(all) > 0 && err != nil && !errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			closeAll(all)
			return nil, err
		}
		all, port = append(all, l), l.Addr().(*net.TCPAddr).Port
	}
	return all, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// address is on localhost by name: Chrome and Firefox treat http://localhost as secure and keep a Secure cookie from it.
func address(listeners []net.Listener) string {
	return fmt.Sprintf("http://localhost:%d/", listeners[0].Addr().(*net.TCPAddr).Port)
}

// app is a handler and where it is served.
type app struct {
	handler   http.Handler
	listeners []net.Listener
}

// patience is how long requests that are under way may take when the demo ends.
const patience = time.Second

// serve runs the applications until ctx ends or one of them fails.
func serve(ctx context.Context, apps []app) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error)
	var ending sync.WaitGroup
	defer ending.Wait()
	running := 0
	for _, app := range apps {
		server := &http.Server{Handler: app.handler, ReadHeaderTimeout: 10 * time.Second}
		ending.Go(func() {
			<-ctx.Done()
			finish(server)
		})
		for _, listener := range app.listeners {
			running++
			go func() {
				err := server.Serve(listener)
				cancel()
				results <- err
			}()
		}
	}
	var failed error
	for range running {
		if err := <-results; !errors.Is(err, http.ErrServerClosed) {
			failed = err
		}
	}
	return failed
}

// finish lets requests that are under way end, and does not wait for connections on which none has come: browsers open
// some ahead.
func finish(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}
