package main

import (
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/testserver"
)

// Who has a port keeps it, and the demo takes another one on all of localhost.
func TestPortInUse(t *testing.T) {
	for _, host := range loopback {
		t.Run("on "+host, func(t *testing.T) {
			theirs, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
			if err != nil && host != loopback[0] {
				t.Skip("no IPv6 here: ", err)
			}
			require.NoError(t, err)
			defer theirs.Close()
			port := theirs.Addr().(*net.TCPAddr).Port
			ours, err := listen(port, loopback...)
			require.NoError(t, err)
			defer closeAll(ours)
			require.NotEqual(t, port, portOf(ours[0]))
			for _, l := range ours {
				require.Equal(t, portOf(ours[0]), portOf(l))
			}
		})
	}
}

func TestPortAskedFor(t *testing.T) {
	anyPort, err := listen(0, loopback...)
	require.NoError(t, err)
	defer closeAll(anyPort)
	port := testserver.FreePort(t)
	ours, err := listen(port, loopback...)
	require.NoError(t, err)
	defer closeAll(ours)
	require.Equal(t, "http://localhost:"+strconv.Itoa(port)+"/", address(ours))
	require.Len(t, ours, len(anyPort))
}

// 192.0.2.1 is nobody's (RFC 5737), as ::1 is on a machine without IPv6.
func TestHostsThatAreNotThere(t *testing.T) {
	ours, err := listen(0, "127.0.0.1", "192.0.2.1")
	require.NoError(t, err)
	defer closeAll(ours)
	require.Len(t, ours, 1)
	_, err = listen(0, "192.0.2.1", "127.0.0.1")
	require.Error(t, err)
}

func TestDemoIsOnAllOfLocalhost(t *testing.T) {
	std, echo := start(t, filepath.Join(t.TempDir(), "keys.json"))
	for _, host := range loopback {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			t.Log("not here: ", err)
			continue
		} else {
			l.Close()
		}
		for _, url := range []string{std, echo} {
			_, port, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+net.JoinHostPort(host, strings.TrimSuffix(port, "/")), nil)
			require.NoError(t, err)
			response, err := plainClient().Do(r)
			require.NoError(t, err)
			response.Body.Close()
			require.Equal(t, http.StatusOK, response.StatusCode)
		}
	}
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
