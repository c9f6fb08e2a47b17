//go:build unix

package fleet_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/internal/testserver"
)

// natsVariable makes the test program a NATS server: a process of its own, so that it can be killed.
const natsVariable = "SEALJAR_FLEET_NATS"

// natsServer is one server whose writes are on the disk when it acknowledges them.
type natsServer struct {
	Port int
	Dir  string

	Name   string // in a cluster
	Routes []int  // ports of the cluster's servers among themselves
	Route  int    // this one's

	t   testing.TB
	cmd *exec.Cmd
}

// serveNATS is the server, until its standard input ends.
func serveNATS() error {
	var s natsServer
	if err := json.Unmarshal([]byte(os.Getenv(natsVariable)), &s); err != nil {
		return err
	}
	options := &server.Options{
		ServerName: s.Name, Host: "127.0.0.1", Port: s.Port, JetStream: true, StoreDir: s.Dir, SyncAlways: true, NoSigs: true, NoLog: true,
	}
	if s.Route != 0 {
		options.Cluster = server.ClusterOpts{Name: "fleet", Host: "127.0.0.1", Port: s.Route}
		for _, port := range s.Routes {
			options.Routes = append(options.Routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", port)})
		}
	}
	n, err := server.NewServer(options)
	if err != nil {
		return err
	}
	n.Start()
	if !n.ReadyForConnections(patience) {
		return fmt.Errorf("NATS does not answer after %v", patience)
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return nil
}

func startNATS(t testing.TB) backend {
	s := &natsServer{Name: "fleet", Port: testserver.FreePort(t), Dir: t.TempDir(), t: t}
	s.Start()
	t.Cleanup(s.Kill)
	return backend{place: fleet.Place{Driver: "nats", Address: s.addr()}, addr: s.addr(), server: s, wipe: func(t testing.TB) {
		conn, err := nats.Connect("nats://"+s.addr(), nats.Timeout(patience))
		require.NoError(t, err)
		defer conn.Close()
		js, err := jetstream.New(conn)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), patience) // without one, the client gives up after 5 s
		defer cancel()
		stream, err := js.Stream(ctx, "sealjar-revocations")
		require.NoError(t, err)
		require.NoError(t, stream.Purge(ctx))
	}}
}

func (s *natsServer) addr() string { return fmt.Sprint("127.0.0.1:", s.Port) }

// Start starts it, again after Kill.
func (s *natsServer) Start() {
	settings, err := json.Marshal(s)
	require.NoError(s.t, err)
	program, err := os.Executable()
	require.NoError(s.t, err)
	s.cmd = exec.Command(program)
	s.cmd.Env = append(os.Environ(), natsVariable+"="+string(settings))
	s.cmd.Stderr = os.Stderr
	_, err = s.cmd.StdinPipe()
	require.NoError(s.t, err)
	out, err := s.cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, s.cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(s.t, err)
	require.Equal(s.t, "ready\n", line)
}

// Kill is kill -9.
func (s *natsServer) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
