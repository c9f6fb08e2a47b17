package natsstore_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/testserver"
)

// The test program is the server too, in a process of its own: so it can be killed, and its goroutines are not ours.
const serverVariable = "NATSSTORE_TEST_SERVER"

func TestMain(m *testing.M) {
	if settings := os.Getenv(serverVariable); settings != "" {
		serve(settings)
	}
	goleak.VerifyTestMain(m)
}

type natsServer struct {
	Name        string
	Port        int
	ClusterPort int   // 0: not in a cluster
	Routes      []int // ports of the cluster
	Dir         string
	SyncAlways  bool

	process *exec.Cmd
}

func serve(settings string) {
	var s natsServer
	must(json.Unmarshal([]byte(settings), &s))
	options := &server.Options{
		ServerName: s.Name, Host: "127.0.0.1", Port: s.Port, JetStream: true, StoreDir: s.Dir, SyncAlways: s.SyncAlways,
		NoSigs: true, NoLog: true,
	}
	if s.ClusterPort > 0 {
		options.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: s.ClusterPort}
		for _, port := range s.Routes {
			options.Routes = append(options.Routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", port)})
		}
	}
	n, err := server.NewServer(options)
	must(err)
	n.Start()
	if !n.ReadyForConnections(time.Minute) {
		panic("the server is not ready")
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1)) // ends with the parent
	os.Exit(0)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// startServer starts a server that is a machine of its own: its writes are on the disk when it acknowledges them.
func startServer(t testing.TB) *natsServer {
	t.Helper()
	s := &natsServer{Name: "one", Port: testserver.FreePort(t), Dir: t.TempDir(), SyncAlways: true}
	s.start(t)
	return s
}

func startCluster(t testing.TB) []*natsServer {
	t.Helper()
	var routes []int
	for range 3 {
		routes = append(routes, testserver.FreePort(t))
	}
	var servers []*natsServer
	for i := range 3 {
		s := &natsServer{Name: fmt.Sprint("s", i), Port: testserver.FreePort(t), ClusterPort: routes[i], Routes: routes, Dir: t.TempDir()}
		servers = append(servers, s)
	}
	for _, s := range servers {
		s.start(t)
	}
	_, js := connect(t, servers...)
	require.Eventually(t, func() bool {
		_, err := js.AccountInfo(t.Context())
		return err == nil
	}, time.Minute, 50*time.Millisecond)
	return servers
}

func (s *natsServer) start(t testing.TB) {
	t.Helper()
	settings, err := json.Marshal(s)
	require.NoError(t, err)
	s.process = exec.Command(os.Args[0])
	s.process.Env = append(os.Environ(), serverVariable+"="+string(settings))
	s.process.Stderr = os.Stderr
	_, err = s.process.StdinPipe()
	require.NoError(t, err)
	out, err := s.process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.process.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	process := s.process
	t.Cleanup(func() { kill(process) })
}

// kill ends the server without a word, as kill -9 does.
func (s *natsServer) kill() { kill(s.process) }

func kill(process *exec.Cmd) {
	_ = process.Process.Kill()
	_ = process.Wait()
}

func connect(t testing.TB, servers ...*natsServer) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	var urls string
	for _, s := range servers {
		urls += fmt.Sprintf("nats://127.0.0.1:%d,", s.Port)
	}
	conn, err := nats.Connect(urls[:len(urls)-1], nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.DontRandomize(),
		nats.Timeout(time.Minute))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	return conn, js
}
