package testserver

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
	"time"
)

// FreePort returns a loopback port for a server that starts later, and may be killed and started again: nobody else has it as
// long as tb runs.
//
// A port that was merely free a moment ago is not enough. The system gives such a one, also for a listener or a connection, to
// whoever asks next, so this one is below those that a system gives (from 32768 on Linux, from 49152 elsewhere). Who else
// comes here, in any process, is kept off by a UDP socket with the same number. And whether a server has it already is asked
// by a connection, for to listen and to close is not to leave: a program that this process starts meanwhile, in another
// goroutine, has the listener too until it is executed.
func FreePort(tb testing.TB) int {
	tb.Helper()
	for range 1000 {
		port := lowest + rand.IntN(highest-lowest+1)
		addr := loopback(port)
		reserved, err := net.ListenPacket("udp", addr)
		if err != nil {
			continue
		}
		if conn, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_, _ = conn.Close(), reserved.Close()
			continue
		}
		tb.Cleanup(func() { _ = reserved.Close() })
		return port
	}
	tb.Fatal("testserver: no port is free")
	return 0
}

// A Redis in a cluster has a second port, 10000 above its own, which must be a port, and nobody else's either.
const lowest, highest = 11000, 19999

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
