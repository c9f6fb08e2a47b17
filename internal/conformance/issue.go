package conformance

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
)

var issue = []Behaviour{
	{Given: "a page that does not use its session", Expect: "no cookie", check: func(p *probe) {
		b := p.browser()
		b.none(b.ok("/noop"))
		p.visitor("alice")
	}},
	{Given: "a page that only reads a session which is not there", Expect: "no cookie", check: func(p *probe) {
		b := p.browser()
		b.none(b.ok("/read"))
		b.anonymous()
		p.visitor("alice")
	}},
	{Given: "a value that is set", Expect: "exactly one Set-Cookie of the session", check: func(p *probe) {
		b := p.browser()
		require.NotEmpty(p, b.session(b.ok("/set?who=alice")).Value)
	}},
	{Given: "a value that was set", Expect: "it is there on the next request", check: func(p *probe) { p.visitor("alice").has("alice") }},
	{Given: "several values in one request", Expect: "all of them, under one cookie", check: func(p *probe) {
		b := p.browser()
		b.session(b.ok("/set?a=1&b=2&c=3"))
		require.Equal(p, map[string]string{"a": "1", "b": "2", "c": "3"}, b.read().Values)
	}},
	{Given: "values set by several requests", Expect: "that they add up", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/set?a=1")
		b.ok("/set?b=2")
		require.Equal(p, map[string]string{"who": "alice", "a": "1", "b": "2"}, b.read().Values)
	}},
	{Given: "a value that is set anew", Expect: "the new one", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/set?who=bob")
		b.has("bob")
	}},
	{Given: "a counter and ten requests in turn", Expect: "ten", check: func(p *probe) {
		b := p.browser()
		for n := range 10 {
			require.Equal(p, strconv.Itoa(n+1), b.ok("/count").body)
		}
	}},
	{Given: "a value of Unicode, quotes, markup and line breaks", Expect: "it comes back byte for byte", check: func(p *probe) {
		b := p.browser()
		text := "žluťoučký 🐎 \"'<script>&amp;\\ \r\n\t\u2028\u00a0;,= %41"
		b.ok("/set?" + query("text", text))
		require.Equal(p, text, b.read().Values["text"])
	}},
	{Given: "a value with the lines of another header in it", Expect: "no such header in any response", check: func(p *probe) {
		b := p.browser()
		r := b.ok("/set?" + query("text", "x\r\nSet-Cookie: evil=1\r\nX-Evil: 1"))
		require.Empty(p, r.cookies("evil"))
		require.Empty(p, r.Header["X-Evil"])
		require.Len(p, b.read().Values, 1)
	}},
	{Given: "a value that is the empty text", Expect: "it is there and empty", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/set?who=")
		require.Equal(p, map[string]string{"who": ""}, b.read().Values)
	}},
	{Given: "a session that is only read", Expect: "no new cookie", check: func(p *probe) {
		b := p.visitor("alice")
		b.none(b.ok("/read"))
	}},
	{Given: "a session and a page that does not use it", Expect: "no new cookie", check: func(p *probe) {
		b := p.visitor("alice")
		b.none(b.ok("/noop"))
		b.has("alice")
	}},
	{Given: "a value that is set to what it is already", Expect: "no new cookie", check: func(p *probe) {
		b := p.visitor("alice")
		b.none(b.ok("/set?who=alice"))
		b.has("alice")
	}},
	{Given: "a value that is changed and changed back in one request", Expect: "no new cookie", check: func(p *probe) {
		b := p.visitor("alice")
		b.none(b.ok("/revert?key=who"))
		b.has("alice")
	}},
	{Given: "a value that is deleted", Expect: "it is gone and the others stay", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/set?a=1")
		b.ok("/delete?key=who")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
	{Given: "the last value deleted", Expect: "an empty session", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/delete?key=who")
		b.anonymous()
		b.ok("/set?a=1")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
	{Given: "a value deleted where there is no session", Expect: "no cookie", check: func(p *probe) {
		b := p.browser()
		b.none(b.ok("/delete?key=who"))
		p.visitor("alice")
	}},
	{Given: "two browsers", Expect: "neither sees what the other has", check: func(p *probe) {
		alice, bob := p.visitor("alice"), p.visitor("bob")
		alice.has("alice")
		bob.has("bob")
		p.browser().anonymous()
	}},
	{Given: "two sessions with the same values", Expect: "different cookies", check: func(p *probe) {
		require.NotEqual(p, p.visitor("alice").value(), p.visitor("alice").value())
	}},
	{Given: "two sessions", Expect: "different ids", check: func(p *probe) {
		a, b := p.visitor("alice").read().ID, p.visitor("alice").read().ID
		require.NotEmpty(p, a)
		require.NotEqual(p, a, b)
	}},
	{Given: "a session that changes", Expect: "the same id", check: func(p *probe) {
		b := p.visitor("alice")
		before := b.read().ID
		b.ok("/set?a=1")
		require.Equal(p, before, b.read().ID)
	}},
	{Given: "a value that is secret", Expect: "nothing of it in the cookie, as text or in base64", check: func(p *probe) {
		value := p.visitor("xyzzy-secret-value").value()
		require.NotContains(p, value, "xyzzy")
		for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == '.' || r == ':' || r == '%' }) {
			for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
				text, _ := encoding.DecodeString(strings.TrimRight(part, "="))
				require.NotContains(p, string(text), "xyzzy")
			}
		}
	}},
	{Given: "any session", Expect: "a cookie's value of RFC 6265's cookie-octets alone", check: func(p *probe) {
		for _, c := range []byte(p.visitor("alice").value()) {
			require.True(p, c == 0x21 || c >= 0x23 && c <= 0x2b || c >= 0x2d && c <= 0x3a || c >= 0x3c && c <= 0x5b || c >= 0x5d && c <= 0x7e,
				"byte %#x", c)
		}
	}},
	{Given: "values sent by POST", Expect: "the same as by GET", check: func(p *probe) {
		b := p.browser()
		b.session(b.ask(http.MethodPost, "/set?who=alice"))
		b.has("alice")
	}},
	{Given: "a flash message", Expect: "it is there for the next request, once", check: func(p *probe) {
		b := p.browser()
		b.ok("/flash?text=saved")
		require.Equal(p, []string{"saved"}, b.flashes())
		require.Empty(p, b.flashes())
	}},
	{Given: "several flash messages", Expect: "all of them, oldest first", check: func(p *probe) {
		b := p.visitor("alice")
		for _, text := range []string{"one", "two", "three"} {
			b.ok("/flash?" + url.Values{"text": {text}}.Encode())
		}
		require.Equal(p, []string{"one", "two", "three"}, b.flashes())
		b.has("alice")
	}},
	{Given: "a flash message that nobody reads yet", Expect: "it waits while other things change", check: func(p *probe) {
		b := p.browser()
		b.ok("/flash?text=saved")
		b.ok("/set?a=1")
		b.ok("/noop")
		require.Equal(p, []string{"saved"}, b.flashes())
	}},
	{Given: "flash messages asked for where there are none", Expect: "no new cookie", check: func(p *probe) {
		b := p.browser()
		b.none(b.ok("/flashes"))
		b = p.visitor("alice")
		b.none(b.ok("/flashes"))
	}},
	{Given: "two sessions of one site under two cookies", Expect: "that they are apart", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/second/set?who=bob")
		b.has("alice")
		require.Equal(p, "bob", b.look("/second/read").Values["who"])
		b.ok("/signout")
		b.anonymous()
		require.Equal(p, "bob", b.look("/second/read").Values["who"])
	}},
}
