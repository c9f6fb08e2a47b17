// Package loopback measures whole servers: each a process of its own on one core, and a client on another.
package loopback

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// connections is how many browsers there are. Each has a session, and sends a request when it has the answer to the last.
const connections = 8

// patience bounds a single answer.
const patience = 10 * time.Second

// Load is what a server did in one round.
type Load struct {
	PerSecond float64       // requests
	P99       time.Duration // of 100 requests, 99 were answered within this time
	CPU       time.Duration // of the server, and of its database, for each request; 0 if the system does not tell
}

// browser is one connection with the cookie that it was given. net/http's client would take as long as the server.
type browser struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
	cookie  []byte
	body    []byte // of the last answer
	times   []time.Duration
}

// visit sends requests for path for so long, from sessions of their own that it begins before.
func (s *Server) visit(path string, length time.Duration) (Load, error) {
	browsers := make([]*browser, connections)
	for i := range browsers {
		conn, err := net.DialTimeout("tcp", s.addr, patience)
		if err != nil {
			return Load{}, err
		}
		defer func() { _ = conn.Close() }()
		browsers[i] = &browser{conn: conn, reader: bufio.NewReader(conn)}
		if err := browsers[i].get("/start"); err != nil {
			return Load{}, err
		}
	}
	errs := make([]error, connections)
	begin, before := time.Now(), s.cpu()
	var all sync.WaitGroup
	for i, b := range browsers {
		all.Go(func() { errs[i] = b.repeat(path, begin.Add(length)) })
	}
	all.Wait()
	took, cpu := time.Since(begin), s.cpu()-before
	var times []time.Duration
	for _, b := range browsers {
		times = append(times, b.times...)
	}
	slices.Sort(times)
	if err := errors.Join(errs...); err != nil {
		return Load{}, err
	}
	n := len(times)
	return Load{PerSecond: float64(n) / took.Seconds(), P99: times[n*99/100], CPU: cpu / time.Duration(n)}, nil
}

func (b *browser) repeat(path string, end time.Time) error {
	for now := time.Now(); now.Before(end); {
		if err := b.get(path); err != nil {
			return err
		}
		then := time.Now()
		b.times = append(b.times, then.Sub(now))
		now = then
	}
	return nil
}

// get sends one request and reads the whole answer.
func (b *browser) get(path string) error {
	r := append(b.request[:0], "GET "...)
	r = append(append(r, path...), " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: text/html,application/xhtml+xml\r\n"...)
	r = append(r, "Cookie: theme=dark"...)
	if len(b.cookie) > 0 {
		r = append(append(r, "; "...), b.cookie...)
	}
	b.request = append(r, "\r\n\r\n"...)
	if err := b.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := b.conn.Write(b.request); err != nil {
		return err
	}
	return b.answer()
}

func (b *browser) answer() error {
	status, err := b.reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("loopback: the server answers %q", status)
	}
	length := -1
	for {
		line, err := b.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(": "))
		switch {
		case !found:
			if length < 0 || length > 1000 {
				return fmt.Errorf("loopback: the server sends a body of %d bytes", length)
			}
			b.body = append(b.body[:0], make([]byte, length)...)
			for n := 0; n < length; {
				m, err := b.reader.Read(b.body[n:])
				if err != nil {
					return err
				}
				n += m
			}
			return nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		case bytes.EqualFold(name, []byte("Set-Cookie")):
			pair, _, _ := bytes.Cut(value, []byte(";"))
			b.cookie = append(b.cookie[:0], pair...)
		}
	}
}
