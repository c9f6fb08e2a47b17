package conformance

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

// deletes is a behaviour of the Set-Cookie of a sign-out: browsers delete only what it names exactly.
func deletes(given, options, expect string, check func(p *probe, c *http.Cookie)) Behaviour {
	return Behaviour{Given: "a sign-out and " + given, Expect: expect, check: func(p *probe) {
		first := p.given(options)
		b := p.with(first.Name, first.Value)
		check(p, b.session(b.ok("/signout")))
		b.anonymous()
	}}
}

var deletion = []Behaviour{
	deletes("the safest configuration", "", "a Set-Cookie with an empty value", func(p *probe, c *http.Cookie) { require.Empty(p, c.Value) }),
	deletes("the safest configuration", "", "Max-Age=0, or Expires in the past", func(p *probe, c *http.Cookie) {
		require.True(p, c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()))
	}),
	deletes("the safest configuration", "", "the deletion repeats Secure", func(p *probe, c *http.Cookie) { require.True(p, c.Secure) }),
	deletes("the safest configuration", "", "the deletion repeats HttpOnly", func(p *probe, c *http.Cookie) { require.True(p, c.HttpOnly) }),
	deletes("the safest configuration", "", "the deletion repeats Path=/", func(p *probe, c *http.Cookie) { require.Equal(p, "/", c.Path) }),
	deletes("SameSite none", "samesite=none", "the deletion repeats SameSite=None", func(p *probe, c *http.Cookie) {
		require.Equal(p, http.SameSiteNoneMode, c.SameSite)
	}),
	deletes("SameSite strict", "samesite=strict", "the deletion repeats SameSite=Strict", func(p *probe, c *http.Cookie) {
		require.Equal(p, http.SameSiteStrictMode, c.SameSite)
	}),
	deletes("a path", "name=sid&path=/in", "the deletion repeats the Path", func(p *probe, c *http.Cookie) { require.Equal(p, "/in", c.Path) }),
	deletes("a domain", "name=sid&domain=example.com", "the deletion repeats the Domain", func(p *probe, c *http.Cookie) {
		require.Equal(p, "example.com", c.Domain)
	}),
	deletes("a partitioned cookie", "samesite=none&partitioned=1", "the deletion repeats Partitioned", func(p *probe, c *http.Cookie) { require.True(p, c.Partitioned) }),
}
