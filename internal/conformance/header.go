package conformance

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// raw sends a request as it is, with lines of its own, and returns the response's status and body.
func (p *probe) raw(lines ...string) (int, string) {
	host := strings.TrimPrefix(p.target.URL, "http://")
	conn, err := net.DialTimeout("tcp", host, patience)
	require.NoError(p, err)
	defer conn.Close()
	require.NoError(p, conn.SetDeadline(time.Now().Add(patience)))
	text := "GET /read HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
	for name, value := range p.about.Header {
		text += name + ": " + value + "\r\n"
	}
	_, err = io.WriteString(conn, text+strings.Join(lines, "\r\n")+"\r\n\r\n")
	require.NoError(p, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(p, err)
	r := p.finish(response)
	return r.StatusCode, r.body
}

// attack sends the lines that it makes of a good cookie's pair: the server may refuse the request or the cookie.
func attack(given string, lines func(name, value string) []string, needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: "no error of the server, and nobody's session", needs: append(needs, "bytes"), check: func(p *probe) {
		alice := p.visitor("alice")
		status, body := p.raw(lines(p.about.Cookie, alice.value())...)
		require.Less(p, status, http.StatusInternalServerError)
		require.NotContains(p, body, "alice")
		alice.has("alice")
	}}
}

var headers = []Behaviour{
	{Given: "a cookie with bytes that are not ASCII", Expect: "an anonymous session", check: func(p *probe) {
		alice := p.visitor("alice")
		for _, more := range []string{"é", "\xff\xfe", "\u202e", "\u00a0"} {
			require.Empty(p, p.line(p.about.Cookie+"="+alice.value()+more).Values)
			require.Empty(p, p.line(p.about.Cookie+"="+more+alice.value()).Values)
		}
	}},
	attack("a NUL byte in the cookie", func(n, v string) []string { return []string{"Cookie: " + n + "=" + v + "\x00"} }),
	attack("a control character in the cookie", func(n, v string) []string { return []string{"Cookie: " + n + "=" + v[:8] + "\x01" + v[8:]} }),
	attack("a bare carriage return in the cookie", func(n, v string) []string { return []string{"Cookie: " + n + "=" + v[:8] + "\r" + v[8:]} }),
	attack("a cookie folded over two lines", func(n, v string) []string { return []string{"Cookie: " + n + "=" + v[:8], " " + v[8:]} }),
	attack("a space before the colon of Cookie", func(n, v string) []string { return []string{"Cookie : " + n + "=" + v} }),
	attack("a comma in place of a semicolon between two cookies", func(n, v string) []string { return []string{"Cookie: a=1, " + n + "=" + v} }),
	attack("Cookie2 and Set-Cookie in a request", func(n, v string) []string {
		return []string{"Cookie2: " + n + "=" + v, "Set-Cookie: " + n + "=" + v}
	}),
	{Given: "header names in odd cases", Expect: "the session", needs: []string{"bytes"}, check: func(p *probe) {
		status, body := p.raw("cOOKIE:" + p.about.Cookie + "=" + p.visitor("alice").value())
		require.Equal(p, http.StatusOK, status)
		require.Contains(p, body, "alice")
	}},
}
