package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// passed is what an upstream gets of a request.
type passed struct{ Cookie, Authorization []string }

func (p *probe) pass(header http.Header) (got passed, r *reply) {
	r = p.do(context.Background(), http.MethodGet, "/proxied", header)
	require.Equal(p, http.StatusOK, r.StatusCode, r.body)
	require.NoError(p, json.Unmarshal([]byte(r.body), &got), r.body)
	return got, r
}

var proxyNeeded = []string{"proxy"}

// proxied are requests that go on to somewhere else, without the session.
var proxied = []Behaviour{
	{Given: "a session and a request that goes on to an upstream", Expect: "that it gets no cookie of it", needs: proxyNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		header := b.header()
		header.Set("Cookie", header.Get("Cookie")+"; theme=dark")
		got, _ := p.pass(header)
		require.Equal(p, passed{Cookie: []string{"theme=dark"}}, got)
	}},
	{Given: "other cookies around the session's", Expect: "that the upstream gets them byte for byte", needs: proxyNeeded, check: func(p *probe) {
		pair := p.about.Cookie + "=" + p.visitor("alice").value()
		for line, want := range map[string]string{
			"a=1; " + pair + "; b=\"2\"": "a=1; b=\"2\"",
			pair + "; c=é =%20":          "c=é =%20",
			"d; e==; " + pair:            "d; e==",
		} {
			got, _ := p.pass(http.Header{"Cookie": {line}})
			require.Equal(p, []string{want}, got.Cookie)
		}
	}},
	{Given: "twins of the session's cookie, good or not", Expect: "that the upstream gets none of them", needs: proxyNeeded, check: func(p *probe) {
		got, _ := p.pass(http.Header{"Cookie": {p.both("garbage", p.visitor("alice").value(), ""), "a=1; " + p.about.Cookie + "=x"}})
		require.Equal(p, passed{Cookie: []string{"a=1"}}, got)
	}},
	{Given: "cookies whose names merely begin or end with the session's", Expect: "that the upstream gets them", needs: proxyNeeded, check: func(p *probe) {
		name := p.about.Cookie
		line := name + "2=a; x" + name + "=b; " + name + "_1=c; " + strings.ToUpper(name) + "=d"
		got, _ := p.pass(http.Header{"Cookie": {line}})
		require.Equal(p, []string{line}, got.Cookie)
		p.visitor("alice")
	}},
	{Given: "a session in several cookies and a request that goes on", Expect: "that the upstream gets none of them", needs: []string{"proxy", "chunks"}, check: func(p *probe) {
		p.reset(fourChunks)
		got, _ := p.pass(p.inPieces(6000).header())
		require.Equal(p, passed{}, got)
	}},
	{Given: "a token in the header and a request that goes on", Expect: "that the upstream does not get it", needs: []string{"proxy", "bearer"}, check: func(p *probe) {
		p.reset(inHeader)
		a, _ := p.app("alice")
		got, _ := p.pass(a.header())
		require.Equal(p, passed{}, got)
	}},
	{Given: "another scheme in Authorization and a request that goes on", Expect: "that the upstream gets it", needs: []string{"proxy", "bearer"}, check: func(p *probe) {
		p.reset(inHeader)
		header := p.user("alice").header()
		header.Set("Authorization", "Basic YTpi")
		got, _ := p.pass(header)
		require.Equal(p, passed{Authorization: []string{"Basic YTpi"}}, got)
	}},
	{Given: "a session after half its idle time and a request that goes on", Expect: "the answer of the upstream, with a new cookie", needs: []string{"proxy", "clock"}, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(idle / 2)
		_, r := p.pass(b.header())
		b.session(r)
		b.take(r.Response)
		p.private(r)
		b.has("alice")
	}},
}
