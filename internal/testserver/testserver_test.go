//go:build unix

package testserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/testserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ask(t *testing.T, addr, question string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, question)
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func TestRedisSurvivesKillWithItsLog(t *testing.T) {
	t.Parallel()
	s := testserver.Redis(t, "--appendonly", "yes", "--appendfsync", "always")
	require.Equal(t, "+OK", ask(t, s.Addr, "SET a 1\r\n"))
	s.Kill()
	s.Kill()
	_, err := net.Dial("tcp", s.Addr)
	require.Error(t, err)
	s.Start()
	require.Equal(t, "$1", ask(t, s.Addr, "GET a\r\n"))
	s.Stop()
}

func TestMariaDBStartsAgain(t *testing.T) {
	t.Parallel()
	s, dsn := testserver.MariaDB(t)
	require.Equal(t, fmt.Sprintf("root@tcp(%s)/test", s.Addr), dsn)
	s.Kill()
	s.Start()
}

// Servers that start at the same time must not meet in a common folder.
func TestMariaDBKeepsTemporaryFilesToItself(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows which files a process has open")
	}
	s, _ := testserver.MariaDB(t)
	pid, err := os.ReadFile(s.Dir + "/pid")
	require.NoError(t, err)
	fds := "/proc/" + strings.TrimSpace(string(pid)) + "/fd/"
	open, err := os.ReadDir(fds)
	require.NoError(t, err)
	temporary := 0
	for _, fd := range open {
		name, _ := os.Readlink(fds + fd.Name())
		if strings.HasSuffix(name, " (deleted)") && strings.HasPrefix(name, os.TempDir()) {
			temporary++
			require.True(t, strings.HasPrefix(name, s.Dir+"/"), name)
		}
	}
	require.NotZero(t, temporary)
}

func TestPostgreSQLStartsAgain(t *testing.T) {
	t.Parallel()
	s, url := testserver.PostgreSQL(t)
	require.Contains(t, url, s.Addr)
	s.Kill()
	s.Start()
}

func TestFreePortIsGivenOnce(t *testing.T) {
	t.Parallel()
	given := make(map[int]bool)
	for range 300 {
		port := testserver.FreePort(t)
		require.False(t, given[port], port)
		require.Less(t, port+10000, 32768, "the system gives none of these")
		given[port] = true
	}
}

func TestFreePortCanBeListenedToAtOnce(t *testing.T) {
	t.Parallel()
	// Each of these programs has all that is open here while it is started.
	var programs sync.WaitGroup
	programs.Go(func() {
		for t.Context().Err() == nil {
			_ = exec.CommandContext(t.Context(), os.Args[0], "-test.list=^$").Run()
		}
	})
	t.Cleanup(programs.Wait)
	for range 300 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", testserver.FreePort(t)))
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
	}
}

func TestFreePortIsNotThatOfAServer(t *testing.T) {
	t.Parallel()
	theirs := make(map[int]bool)
	t.Run("servers without a reservation", func(reserved *testing.T) {
		for range 400 {
			port := testserver.FreePort(reserved)
			l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
			require.NoError(reserved, err)
			t.Cleanup(func() { _ = l.Close() })
			theirs[port] = true
		}
	})
	for range 400 {
		port := testserver.FreePort(t)
		require.False(t, theirs[port], port)
	}
}

// It is not parallel, so that no program that another test starts has the reservation a little longer.
func TestFreePortIsGivenAgainInTheEnd(t *testing.T) {
	var ports []int
	t.Run("a test", func(t *testing.T) {
		for range 20 {
			ports = append(ports, testserver.FreePort(t))
		}
	})
	given := 0
	for _, port := range ports {
		if again, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			given++
			require.NoError(t, again.Close())
		}
	}
	require.NotZero(t, given, "another process may have asked for one of them, but not for all")
}

func TestProxyCutsAndHeals(t *testing.T) {
	t.Parallel()
	s := testserver.Redis(t)
	p := testserver.NewProxy(t, s.Addr)
	require.Equal(t, "+PONG", ask(t, p.Addr, "PING\r\n"))

	conn, err := net.Dial("tcp", p.Addr)
	require.NoError(t, err)
	defer conn.Close()
	p.Cut()
	_, err = io.WriteString(conn, "PING\r\n")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorContains(t, err, "timeout")

	p.Heal()
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "+PONG\r\n", line)

	p.Reset()
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
}
