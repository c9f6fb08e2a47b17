package conformance

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

// given is the cookie of a new session, after a reset with options.
func (p *probe) given(options string) *http.Cookie {
	p.reset(options)
	b := p.browser()
	c := b.session(b.ok("/set?who=alice"))
	b.has("alice")
	return c
}

// attribute is a behaviour of the cookie as it is configured.
func attribute(given, options, expect string, check func(p *probe, c *http.Cookie), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: needs, check: func(p *probe) { check(p, p.given(options)) }}
}

var attributes = []Behaviour{
	attribute("the safest configuration", "", "Secure", func(p *probe, c *http.Cookie) { require.True(p, c.Secure) }),
	attribute("the safest configuration", "", "HttpOnly", func(p *probe, c *http.Cookie) { require.True(p, c.HttpOnly) }),
	attribute("the safest configuration", "", "SameSite=Lax", func(p *probe, c *http.Cookie) { require.Equal(p, http.SameSiteLaxMode, c.SameSite) }),
	attribute("the safest configuration", "", "Path=/", func(p *probe, c *http.Cookie) { require.Equal(p, "/", c.Path) }),
	attribute("the safest configuration", "", "no Domain", func(p *probe, c *http.Cookie) { require.Empty(p, c.Domain) }),
	attribute("the safest configuration", "", "a name with the prefix __Host-", func(p *probe, c *http.Cookie) {
		require.Regexp(p, "^__Host-", c.Name)
	}),
	attribute("the safest configuration", "", "a cookie that ends with the browser", func(p *probe, c *http.Cookie) {
		require.Zero(p, c.MaxAge)
		require.Empty(p, c.RawExpires)
	}, "session"),
	attribute("another name", "name=sid", "that name", func(p *probe, c *http.Cookie) { require.Equal(p, "sid", c.Name) }),
	attribute("SameSite strict", "samesite=strict", "SameSite=Strict", func(p *probe, c *http.Cookie) {
		require.Equal(p, http.SameSiteStrictMode, c.SameSite)
	}),
	attribute("SameSite none", "samesite=none", "SameSite=None with Secure", func(p *probe, c *http.Cookie) {
		require.Equal(p, http.SameSiteNoneMode, c.SameSite)
		require.True(p, c.Secure)
	}),
	attribute("a path", "name=sid&path=/in", "that Path", func(p *probe, c *http.Cookie) { require.Equal(p, "/in", c.Path) }),
	attribute("a domain", "name=sid&domain=example.com", "that Domain", func(p *probe, c *http.Cookie) { require.Equal(p, "example.com", c.Domain) }),
	attribute("a partitioned cookie", "samesite=none&partitioned=1", "Partitioned with Secure", func(p *probe, c *http.Cookie) {
		require.True(p, c.Partitioned)
		require.True(p, c.Secure)
	}),
	attribute("a persistent cookie", "persistent=1", "Max-Age or Expires at the end of the idle time", func(p *probe, c *http.Cookie) {
		end := c.Expires
		if c.MaxAge > 0 {
			end = time.Now().Add(time.Duration(c.MaxAge) * time.Second)
		}
		require.WithinDuration(p, time.Now().Add(30*time.Minute), end, time.Minute)
	}),
	attribute("plain HTTP allowed", "name=sid&http=1", "no Secure", func(p *probe, c *http.Cookie) { require.False(p, c.Secure) }),
	attribute("scripts allowed", "script=1", "no HttpOnly", func(p *probe, c *http.Cookie) { require.False(p, c.HttpOnly) }),
	{Given: "a session that changes", Expect: "a new cookie with the same attributes, if there is one", check: func(p *probe) {
		first := p.given("name=sid&domain=example.com&samesite=strict")
		b := p.with("sid", first.Value)
		for _, c := range b.ok("/set?who=bob").cookies("sid") {
			require.Equal(p, attributesOf(first), attributesOf(c))
		}
		b.has("bob")
	}},
	{Given: "a session that is remembered", Expect: "a cookie that outlives the browser, with the same attributes", check: func(p *probe) {
		first := p.given("")
		b := p.with(p.about.Cookie, first.Value)
		c := b.session(b.ok("/remember?on=1"))
		require.True(p, c.MaxAge > 0 || !c.Expires.IsZero())
		require.Equal(p, attributesOf(first), attributesOf(c))
	}},
	{Given: "a session that is remembered no more", Expect: "a cookie that ends with the browser", needs: []string{"session"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		c := b.session(b.ok("/remember?on=0"))
		require.Zero(p, c.MaxAge)
		require.Empty(p, c.RawExpires)
		b.has("alice")
	}},
}

// attributesOf are those that tell a cookie from another, and how it is kept, but for how long.
func attributesOf(c *http.Cookie) []any {
	return []any{c.Name, c.Domain, c.Path, c.Secure, c.HttpOnly, c.SameSite, c.Partitioned}
}
