package mwtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var upgrades = []behaviour{
	{
		name: "an upgrade that the handler writes by hand after Hijack: the cookie is among the fields of w.Header",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			conn, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: parrot\r\n")
			_ = w.Header().Write(buffer)
			_, _ = buffer.WriteString("\r\n")
			parrot(buffer)
		}),
		check: upgraded,
	},
	{
		name: "an upgrade with WriteHeader(101) before Hijack: the cookie is on the 101",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "parrot")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			parrot(buffer)
		}),
		check: upgraded,
	},
	{
		name: "an upgrade by a type assertion to http.Hijacker: the cookie is there too",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "parrot")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, buffer, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			parrot(buffer)
		}),
		check: upgraded,
	},
	{
		name: "a change after Hijack is reported",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			session.Data.N = 5
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}),
		check: func(t *testing.T, s *site) {
			require.Nil(t, s.get(t).session(t))
			s.settle()
			require.Equal(t, 1, s.count(sealjar.EventUnwritten, sealjar.ErrHeadersSent))
		},
	},
	{
		name: "Hijack where the protocol has none: an error, and the session can still change",
		on:   http2,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
				return
			}
			if err := session.SignIn(r.Context(), "alice"); err != nil {
				_, _ = io.WriteString(w, err.Error())
			}
		}),
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Empty(t, r.body)
			require.Equal(t, "alice", s.saved(t, r).Subject)
		},
	},
}

// parrot says each line again until there is none.
func parrot(buffer *bufio.ReadWriter) {
	for buffer.Flush() == nil {
		line, err := buffer.ReadString('\n')
		if err != nil {
			return
		}
		_, _ = buffer.WriteString(line)
	}
}

// upgraded talks to a parrot.
func upgraded(t *testing.T, s *site) {
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	r := s.request(t, http.MethodGet, "/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "parrot")
	require.NoError(t, r.Write(conn))
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, r)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	require.Equal(t, 1, s.saved(t, &reply{Response: response}).Data.N)

	_, err = io.WriteString(conn, "hello\n")
	require.NoError(t, err)
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "hello\n", line)
}
