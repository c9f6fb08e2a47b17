package conformance

import (
	"context"
	"net/http"

	"github.com/stretchr/testify/require"
)

// guarded posts to a page that is protected against requests that other sites make, with header fields in pairs.
func (b *browser) guarded(method string, fields ...string) *reply {
	header := b.header()
	for i := 0; i < len(fields); i += 2 {
		header.Set(fields[i], fields[i+1])
	}
	r := b.p.do(context.Background(), method, "/guarded/set?a=1", header)
	b.take(r.Response)
	return r
}

// crosses is a behaviour of a request which a site makes that may be another one.
func crosses(given string, allowed bool, method string, fields ...string) Behaviour {
	expect := "403, and nothing changed"
	if allowed {
		expect = "the change"
	}
	return Behaviour{Given: given, Expect: expect, needs: []string{"csrf"}, check: func(p *probe) {
		b := p.user("alice")
		before := b.read()
		r := b.guarded(method, fields...)
		if allowed {
			require.Equal(p, http.StatusOK, r.StatusCode)
			require.Equal(p, "1", b.read().Values["a"])
			return
		}
		require.Equal(p, http.StatusForbidden, r.StatusCode)
		require.Equal(p, before, b.read())
	}}
}

var crossOrigin = []Behaviour{
	crosses("a POST from another site, with the session's cookie", false, http.MethodPost, "Sec-Fetch-Site", "cross-site"),
	crosses("a POST from another host of the site, with the session's cookie", false, http.MethodPost, "Sec-Fetch-Site", "same-site"),
	crosses("a POST from an old browser whose Origin is another one", false, http.MethodPost, "Origin", "https://evil.example"),
	crosses("a DELETE from another site, with the session's cookie", false, http.MethodDelete, "Sec-Fetch-Site", "cross-site"),
	crosses("a POST from the site itself", true, http.MethodPost, "Sec-Fetch-Site", "same-origin"),
	crosses("a POST that the user has typed into the address line", true, http.MethodPost, "Sec-Fetch-Site", "none"),
	crosses("a POST from a client that is no browser", true, http.MethodPost),
	{Given: "a POST from another site, without a session", Expect: "403, and no session begun", needs: []string{"csrf"}, check: func(p *probe) {
		b := p.browser()
		r := b.guarded(http.MethodPost, "Sec-Fetch-Site", "cross-site")
		require.Equal(p, http.StatusForbidden, r.StatusCode)
		b.none(r)
		b.anonymous()
	}},
}
