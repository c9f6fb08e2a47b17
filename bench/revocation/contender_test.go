package revocation_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
)

// entries is how many sessions are revoked.
func entries() int {
	if n, err := strconv.Atoi(os.Getenv("SEALJAR_ENTRIES")); err == nil {
		return n
	}
	return 1_000_000
}

const sidLen = 22

// sids is n session ids in one string, so that reading them costs next to nothing.
func sids(seed uint64, n int) string {
	random := rand.NewPCG(seed, 0)
	var b [16]byte
	text := make([]byte, 0, n*sidLen)
	for range n {
		binary.LittleEndian.PutUint64(b[:8], random.Uint64())
		binary.LittleEndian.PutUint64(b[8:], random.Uint64())
		text = base64.RawURLEncoding.AppendEncode(text, b[:])
	}
	return string(text)
}

func at(sids string, i int) string { return sids[i*sidLen : (i+1)*sidLen] }

// generated is a store that makes up its entries while they are read.
type generated struct {
	revocation.Memory
	sids  string
	since time.Time
}

func (g *generated) Read(_ context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	if after != "" {
		return after, nil
	}
	batch := make([]revocation.Entry, 0, revocation.MaxBatch)
	n := len(g.sids) / sidLen
	for i := range n {
		batch = append(batch, revocation.Entry{
			Kind: revocation.Session, Name: at(g.sids, i), Cutoff: g.since, Until: g.since.Add(time.Duration(1+i%720) * time.Hour),
		})
		if len(batch) == cap(batch) || i == n-1 {
			if err := apply(batch); err != nil {
				return "", err
			}
			batch = batch[:0]
		}
	}
	// The other kinds are there too, so that the whole decision is made.
	old := g.since.Add(-24 * time.Hour)
	for i := range 1000 {
		for _, kind := range []revocation.Kind{revocation.Subject, revocation.Group, revocation.Key} {
			batch = append(batch, revocation.Entry{Kind: kind, Name: fmt.Sprint("old-", i), Cutoff: old, Until: g.since.Add(time.Hour)})
		}
	}
	batch = append(batch, revocation.Entry{Kind: revocation.All, Cutoff: old, Until: g.since.Add(time.Hour)})
	return "end", apply(batch)
}

func (g *generated) Wait(ctx context.Context, _ revocation.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// follow starts a list, waits until it is loaded, and says how long that took.
func follow(b *testing.B, store revocation.Store, policy revocation.Policy) (*revocation.List, time.Duration) {
	loaded := make(chan struct{})
	list, err := revocation.NewList(store, revocation.ListOptions{
		OnStale: policy, Logger: slog.New(slog.DiscardHandler), Lifetime: 720 * time.Hour,
		Observe: func(e revocation.Event) {
			if e.Kind == revocation.EventLoaded {
				close(loaded)
			}
		},
	})
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	began := time.Now()
	go func() { done <- list.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-done })
	<-loaded
	took := time.Since(began)
	for policy == revocation.Refuse && !list.Status().Current { // it was so long to load that it reads again
		time.Sleep(time.Millisecond)
	}
	return list, took
}

// keyOf is what a careful hand-made map is keyed by.
func keyOf(sid string) (k [16]byte) {
	if n, err := base64.RawURLEncoding.Decode(k[:], []byte(sid)); n != 16 || err != nil {
		panic("bad sid")
	}
	return k
}

// byteMap is a map of 16-byte keys behind a RWMutex, stringMap one of the ids as they come.
type byteMap struct {
	mu sync.RWMutex
	m  map[[16]byte]int64
}

type stringMap struct {
	mu sync.RWMutex
	m  map[string]int64
}

// redis asks a server over loopback, by one connection.
type redis struct {
	conn net.Conn
	in   *bufio.Reader
}

func startRedis(b *testing.B) *redis {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil
	}
	port := testserver.FreePort(b)
	folder := b.TempDir()
	server := exec.Command(path, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "",
		"--logfile", filepath.Join(folder, "log"))
	require.NoError(b, server.Start())
	b.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 3000 {
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			b.Cleanup(func() { conn.Close() })
			return &redis{conn, bufio.NewReader(conn)}
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatal("redis-server does not listen")
	return nil
}

func (r *redis) exists(sid string) bool {
	if _, err := r.conn.Write([]byte("*2\r\n$6\r\nEXISTS\r\n$22\r\n" + sid + "\r\n")); err != nil {
		panic(err)
	}
	line, err := r.in.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, ":") {
		panic(fmt.Sprint("EXISTS: ", line, err))
	}
	return line != ":0\r\n"
}
