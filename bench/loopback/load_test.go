package loopback_test

import (
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAnAnswerIsReadToItsEnd(t *testing.T) {
	b := loopback.NewBrowser(nil, strings.NewReader(
		"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nSet-Cookie: a=b; Path=/\r\n\r\n42 views\n"+
			"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n43 views\n"))
	require.NoError(t, b.Answer())
	require.Equal(t, "42 views\n", b.Body())
	require.NoError(t, b.Answer())
	require.Equal(t, "43 views\n", b.Body())
	require.Equal(t, "a=b", b.Cookie())
	require.ErrorIs(t, b.Answer(), io.EOF)
}

func TestABadAnswerStopsTheMeasurement(t *testing.T) {
	for _, row := range []struct{ name, text string }{
		{"an error of the server", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"},
		{"no length", "HTTP/1.1 200 OK\r\n\r\n"},
		{"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"},
		{"a body that is cut short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n42"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := loopback.NewBrowser(nil, strings.NewReader(row.text))
			require.Error(t, b.Answer())
		})
	}
}

// BenchmarkLoopback has client and server in one process: see the command for one core each.
func BenchmarkLoopback(b *testing.B) {
	for _, path := range []string{app.Page, app.Read, app.Views} {
		for _, a := range app.All(contender.Payloads()[1]) {
			b.Run(path[1:]+"/"+a.Name, func(b *testing.B) {
				server := httptest.NewServer(a.Handler)
				defer server.Close()
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				require.NoError(b, err)
				defer func() { _ = conn.Close() }()
				browser := loopback.NewBrowser(conn, conn)
				require.NoError(b, browser.Get(app.Start))
				for b.Loop() {
					if err := browser.Get(path); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func TestProcessorTimeOfAProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("the system does not tell")
	}
	require.Positive(t, loopback.CPUOf(os.Getpid()))
	require.Zero(t, loopback.CPUOf(-1))
}

func TestCoresAreChosenOnlyWhereThatIsPossible(t *testing.T) {
	if _, err := exec.LookPath("taskset"); err != nil {
		require.False(t, loopback.Pinned())
		require.Empty(t, loopback.OnServerCore())
	}
}
