package conformance

import (
	"strings"

	"github.com/stretchr/testify/require"
)

// private requires that no shared cache keeps the cookie of a response (RFC 9111, sections 3 and 5.2.2).
func (p *probe) private(r *reply) {
	var kept bool
	for _, line := range r.Header.Values("Cache-Control") {
		lower := strings.ToLower(line)
		kept = kept || strings.Contains(lower, "no-store") || strings.Contains(lower, "private") ||
			strings.Contains(lower, `no-cache="set-cookie"`) // which keeps the field, and not the response, out of caches
	}
	require.True(p, kept, "Cache-Control: %q", r.Header["Cache-Control"])
	words := r.words("Cache-Control")
	require.NotContains(p, words, "public")
	for word := range words {
		require.False(p, strings.HasPrefix(word, "s-maxage"), word)
	}
}

// respond is /respond/headers with fields, of which each is "name:value".
func respond(set string, fields ...string) string {
	path := "/respond/headers?set=" + set
	for _, f := range fields {
		path += "&" + query("h", f)
	}
	return path
}

var caching = []Behaviour{
	{Given: "a response that sets the session's cookie", Expect: "that no shared cache keeps it", check: func(p *probe) {
		b := p.browser()
		p.private(b.ok("/set?who=alice"))
	}},
	{Given: "a sign-out", Expect: "that no shared cache keeps the deletion", check: func(p *probe) { p.private(p.user("alice").ok("/signout")) }},
	{Given: "a response that sets the cookie, and a handler that says public", Expect: "that it is overruled", check: func(p *probe) {
		b := p.browser()
		r := b.ok(respond("who=alice", "Cache-Control:public, max-age=600"))
		b.session(r)
		p.private(r)
	}},
	{Given: "a response that sets the cookie, and a handler that says s-maxage", Expect: "that it is overruled", check: func(p *probe) {
		b := p.browser()
		r := b.ok(respond("who=alice", "Cache-Control:s-maxage=600"))
		b.session(r)
		p.private(r)
	}},
	{Given: "a response that sets the cookie, and a handler that speaks to a content delivery network", Expect: "that it is overruled", check: func(p *probe) {
		b := p.browser()
		r := b.ok(respond("who=alice", "CDN-Cache-Control:max-age=600", "Surrogate-Control:max-age=600"))
		b.session(r)
		require.Empty(p, r.Header["Cdn-Cache-Control"])
		require.Empty(p, r.Header["Surrogate-Control"])
	}},
	{Given: "a response that sets the cookie, and a handler that says no-store", Expect: "no-store, once", check: func(p *probe) {
		b := p.browser()
		require.Equal(p, 1, b.ok(respond("who=alice", "Cache-Control:no-store")).words("Cache-Control")["no-store"])
	}},
	{Given: "a response that sets the cookie, and a handler that says no-transform", Expect: "no-transform still", check: func(p *probe) {
		b := p.browser()
		r := b.ok(respond("who=alice", "Cache-Control:no-transform"))
		p.private(r)
		require.Equal(p, 1, r.words("Cache-Control")["no-transform"])
	}},
	{Given: "a response that sets no cookie, and a handler that says public", Expect: "that it stays", check: func(p *probe) {
		b := p.browser()
		b.none(b.ok("/noop"))
		require.Equal(p, "public, max-age=60", b.ok("/noop").Header.Get("Cache-Control"))
		p.visitor("alice")
	}},
	{Given: "a page that does not use its session", Expect: "no Vary: Cookie", check: func(p *probe) {
		b := p.visitor("alice")
		require.NotContains(p, b.ok("/noop").words("Vary"), "cookie")
	}},
	{Given: "a page that reads its session", Expect: "Vary: Cookie, once", check: func(p *probe) {
		b := p.visitor("alice")
		require.Equal(p, 1, b.ok("/read").words("Vary")["cookie"])
	}},
	{Given: "a page that reads a session which is not there", Expect: "Vary: Cookie, as the next visitor may have one", check: func(p *probe) {
		require.Equal(p, 1, p.browser().ok("/read").words("Vary")["cookie"])
	}},
	{Given: "a response that sets the cookie", Expect: "Vary: Cookie, once", check: func(p *probe) {
		require.Equal(p, 1, p.browser().ok("/set?who=alice").words("Vary")["cookie"])
	}},
	{Given: "a handler with a Vary of its own", Expect: "both", check: func(p *probe) {
		words := p.browser().ok(respond("who=alice", "Vary:Accept-Language")).words("Vary")
		require.Equal(p, 1, words["accept-language"])
		require.Equal(p, 1, words["cookie"])
	}},
	{Given: "a handler that says Vary: Cookie itself", Expect: "it once", check: func(p *probe) {
		require.Equal(p, 1, p.browser().ok(respond("who=alice", "Vary:Cookie")).words("Vary")["cookie"])
	}},
}
