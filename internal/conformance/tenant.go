package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

const byTenant = "name=sid&tenants=1"

// at is a request with what the browser keeps, to a tenant.
func (b *browser) at(tenant, path string) *reply {
	header := b.header()
	header.Set("X-Tenant", tenant)
	r := b.p.do(context.Background(), http.MethodGet, path, header)
	b.take(r.Response)
	return r
}

func tenant(given, expect string, check func(p *probe), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: append(needs, "tenants"), check: func(p *probe) {
		p.reset(byTenant)
		check(p)
	}}
}

const badTenant = "not a domain"

// tenants are sites whose cookie has the Domain that a request asks for.
var tenants = []Behaviour{
	tenant("a Domain that depends on the request", "that Domain, and the other attributes as ever", func(p *probe) {
		plain := p.given("name=sid")
		p.reset(byTenant)
		for _, domain := range []string{"red.example", "blue.example"} {
			b := p.browser()
			c := b.session(b.at(domain, "/set?who=alice"))
			require.Equal(p, domain, c.Domain)
			c.Domain = ""
			require.Equal(p, attributesOf(plain), attributesOf(c))
			b.has("alice")
		}
	}),
	tenant("a Domain that depends on the request, and none for this one", "no Domain", func(p *probe) {
		b := p.browser()
		require.Equal(p, "red.example", b.session(b.at("red.example", "/set?who=alice")).Domain)
		b = p.browser()
		require.Empty(p, b.session(b.ok("/set?who=alice")).Domain)
	}),
	tenant("a Domain that depends on the request, and a change", "the cookie with the same Domain, if there is one", func(p *probe) {
		b := p.browser()
		b.session(b.at("red.example", "/set?who=alice"))
		for _, c := range b.at("red.example", "/set?who=bob").cookies("sid") {
			require.Equal(p, "red.example", c.Domain)
		}
		b.has("bob")
	}),
	tenant("a Domain that depends on the request, and a sign-out", "the deletion repeats it", func(p *probe) {
		b := p.browser()
		b.at("red.example", "/set?who=alice")
		c := b.session(b.at("red.example", "/signout"))
		require.Empty(p, c.Value)
		require.Equal(p, "red.example", c.Domain)
		require.Empty(p, b.value())
	}),
	tenant("attributes for a request that no browser would take, and a change", "no cookie with them, and a clean 500 or a cookie without", func(p *probe) {
		good := p.browser()
		good.session(good.at("red.example", "/set?who=alice"))
		b := p.browser()
		r := b.at(badTenant, "/set?who=alice")
		if r.StatusCode == http.StatusOK {
			require.NotContains(p, r.Header.Get("Set-Cookie"), badTenant)
			b.has("alice")
			return
		}
		require.Equal(p, http.StatusInternalServerError, r.StatusCode)
		b.none(r)
		require.NotContains(p, r.body, "ok", "nothing of what the handler said")
		good.has("alice")
	}),
	tenant("attributes for a request that no browser would take, and a renewal", "the page, and the session still good", func(p *probe) {
		b := p.browser()
		b.at("red.example", "/set?who=alice")
		p.wait(idle / 2)
		r := b.at(badTenant, "/read")
		require.Equal(p, http.StatusOK, r.StatusCode)
		b.none(r)
		p.wait(10 * time.Minute)
		b.has("alice")
	}, "clock"),
	tenant("attributes for a request that no browser would take, and a sign-out", "no session any more, whatever the browser keeps", func(p *probe) {
		b := p.browser()
		b.at("red.example", "/set?who=alice")
		thief := b.copy()
		thief.has("alice")
		b.at(badTenant, "/signout")
		thief.anonymous()
	}),
}
