package conformance

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"

	"github.com/stretchr/testify/require"
)

// refuses is a behaviour in which a good cookie becomes a bad one.
func refuses(given string, spoil func(p *probe, good string) string, needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: "an anonymous session", needs: needs, check: func(p *probe) {
		alice := p.visitor("alice")
		bad := spoil(p, alice.value())
		require.NotEqual(p, alice.value(), bad)
		p.with(p.about.Cookie, bad).anonymous()
		alice.has("alice")
	}}
}

func always(bad string) func(*probe, string) string {
	return func(*probe, string) string { return bad }
}

// flip changes one character to another one of base64url.
func flip(text string, at int) string {
	other := byte('A')
	if text[at] == other {
		other = 'B'
	}
	return text[:at] + string(other) + text[at+1:]
}

// part changes the part with this index, of those between dots.
func part(i int, change func(string) string) func(*probe, string) string {
	return func(p *probe, good string) string {
		parts := strings.Split(good, ".")
		require.Len(p, parts, 5)
		parts[i] = change(parts[i])
		return strings.Join(parts, ".")
	}
}

func middle(text string) string { return flip(text, len(text)/2) }

var refused = []Behaviour{
	// The first character behind what an implementation may write before each value, such as s: for "signed".
	refuses("a cookie with a character changed near its start", func(_ *probe, good string) string { return flip(good, 6) }),
	refuses("a cookie with a character changed in its middle", func(_ *probe, good string) string { return middle(good) }),
	refuses("a cookie with its last character changed", func(_ *probe, good string) string { return flip(good, len(good)-1) }),
	refuses("a change in the token's first part, its header", part(0, middle), "sealed"),
	refuses("an encrypted key in the token's second part, which has none", part(1, func(string) string { return "AAAA" }), "sealed"),
	refuses("a change in the token's third part, its nonce", part(2, middle), "sealed"),
	refuses("a change in the token's fourth part, its content", part(3, middle), "sealed"),
	refuses("a change in the token's fifth part, its tag", part(4, middle), "sealed"),
	refuses("a token whose tag is empty", part(4, func(string) string { return "" }), "sealed"),
	refuses("a token whose tag is shortened", part(4, func(s string) string { return s[:len(s)/2] }), "sealed"),
	refuses("a token with the content of another one", func(p *probe, good string) string {
		other := strings.Split(p.visitor("mallory").value(), ".")
		return part(3, func(string) string { return other[3] })(p, good)
	}, "sealed"),
	refuses("a token with unused bits of its last character set", part(4, func(s string) string {
		raw, _ := base64.RawURLEncoding.DecodeString(s)
		for c := byte('A'); c <= 'z'; c++ {
			again := s[:len(s)-1] + string(c)
			if got, err := base64.RawURLEncoding.DecodeString(again); err == nil && again != s && string(got) == string(raw) {
				return again
			}
		}
		return "no other spelling"
	}), "sealed"),
	refuses("a token in base64 with padding", part(4, func(s string) string { return s + "==" }), "sealed"),
	refuses("a cookie without its last character", func(_ *probe, good string) string { return good[:len(good)-1] }),
	refuses("half a cookie", func(_ *probe, good string) string { return good[:len(good)/2] }),
	refuses("the first ten characters of a cookie", func(_ *probe, good string) string { return good[:10] }),
	refuses("a cookie with a character more", func(_ *probe, good string) string { return good + "A" }),
	refuses("a cookie with one part more", func(_ *probe, good string) string { return good + ".AAAA" }),
	refuses("a cookie twice in one value", func(_ *probe, good string) string { return good + good }),
	refuses("a cookie in capital letters", func(_ *probe, good string) string { return strings.ToUpper(good) }),
	refuses("an empty cookie", always("")),
	refuses("a cookie of dots alone", always("....")),
	refuses("a lone quotation mark", always(`"`)),
	refuses("words for nothing and JSON", func(p *probe, _ string) string {
		for _, bad := range []string{"null", "undefined", "{}", "[]", "0", "true", "j:{}", "s:", "s:.", "deleted"} {
			p.with(p.about.Cookie, bad).anonymous()
		}
		return "NaN"
	}),
	refuses("paths, queries and percent signs", func(p *probe, _ string) string {
		for _, bad := range []string{"../../etc/passwd", "' OR 1=1 --", "%00", "%", "%zz", "%E0%A4%A", "$where", "__proto__", "constructor"} {
			p.with(p.about.Cookie, bad).anonymous()
		}
		return "*"
	}),
	refuses("random base64url", always(strings.Repeat("kZ3_-9Qw", 40))),
	refuses("an unsigned token (alg none)", always(
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))+"."+
			base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"alice","d":{"values":{"who":"alice"}}}`))+".")),
	{Given: "a cookie of 8 KiB of garbage", Expect: "no error of the server, and nobody's session", check: func(p *probe) { garbage(p, 8<<10) }},
	{Given: "a cookie of 64 KiB of garbage", Expect: "no error of the server, and nobody's session", check: func(p *probe) { garbage(p, 64<<10) }},
	{Given: "a refused cookie and a page that reads", Expect: "no new session", check: func(p *probe) {
		bad := p.with(p.about.Cookie, middle(p.visitor("alice").value()))
		for _, c := range bad.ok("/read").cookies(p.about.Cookie) {
			require.Empty(p, c.Value, "if anything, the deletion of it")
		}
	}},
	{Given: "a refused cookie and a value that is set", Expect: "a good new session", check: func(p *probe) {
		bad := p.with(p.about.Cookie, middle(p.visitor("alice").value()))
		bad.session(bad.ok("/set?who=bob"))
		require.Equal(p, map[string]string{"who": "bob"}, bad.read().Values)
	}},
	{Given: "a session's id or cookie made up by the client", Expect: "it is not taken over for a new session", check: func(p *probe) {
		planted := p.visitor("alice").value()
		p.reset("")
		b := p.with(p.about.Cookie, planted)
		require.NotEqual(p, planted, b.session(b.ok("/set?who=bob")).Value)
		p.with(p.about.Cookie, planted).anonymous()
	}},
}

// garbage sends a cookie of so many bytes. A server may refuse the request for it, or the cookie. Of the ones that refuse the
// request, some answer and close the connection while the rest of it is still on its way, and then it is a matter of luck
// whether the answer or the broken connection is seen first: both are a refusal, if the server goes on to serve others.
func garbage(p *probe, bytes int) {
	alice := p.visitor("alice")
	b := p.with(p.about.Cookie, strings.Repeat("g", bytes))
	r, err := p.send(context.Background(), http.MethodGet, "/read", b.header())
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		require.NoError(p, err)
		require.Less(p, r.StatusCode, http.StatusInternalServerError)
		require.NotContains(p, r.body, "alice")
	}
	alice.has("alice")
}
