package loopback

import (
	"bufio"
	"io"
	"net"
)

// Browser lets tests send and read without a server's process.
type Browser = browser

// NewBrowser writes to conn and reads from in.
func NewBrowser(conn net.Conn, in io.Reader) *Browser {
	return &browser{conn: conn, reader: bufio.NewReader(in)}
}

func (b *browser) Get(path string) error { return b.get(path) }
func (b *browser) Answer() error         { return b.answer() }
func (b *browser) Body() string          { return string(b.body) }
func (b *browser) Cookie() string        { return string(b.cookie) }

func CPUOf(pid int) int64    { return int64(cpuOf(pid)) }
func OnServerCore() []string { return onCore(serverCore) }
