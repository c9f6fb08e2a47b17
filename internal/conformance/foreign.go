package conformance

import (
	"context"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// foreign are good values in a place that is not theirs.
var foreign = []Behaviour{
	{Given: "a good value under another name", Expect: "an anonymous session", check: func(p *probe) {
		alice := p.visitor("alice")
		p.with("other", alice.value()).anonymous()
		alice.has("alice")
	}},
	{Given: "a good value under a name that begins with the cookie's", Expect: "an anonymous session", check: func(p *probe) {
		alice := p.visitor("alice")
		for _, more := range []string{"2", "_0", ".0", "-", "[]"} {
			p.with(p.about.Cookie+more, alice.value()).anonymous()
		}
	}},
	{Given: "a good value under a name that ends with the cookie's", Expect: "an anonymous session", check: func(p *probe) {
		p.with("x"+p.about.Cookie, p.visitor("alice").value()).anonymous()
	}},
	{Given: "a good value under the name in capital letters", Expect: "an anonymous session", check: func(p *probe) {
		p.with(strings.ToUpper(p.about.Cookie), p.visitor("alice").value()).anonymous()
	}},
	{Given: "the cookie of the site's other session under this one's name", Expect: "an anonymous session", check: func(p *probe) {
		b := p.browser()
		b.ok("/second/set?who=alice")
		require.Equal(p, "alice", b.look("/second/read").Values["who"])
		p.with(p.about.Cookie, b.kept[p.about.Second].Value).anonymous()
	}},
	{Given: "this session's cookie under the name of the site's other one", Expect: "an anonymous session", check: func(p *probe) {
		b := p.with(p.about.Second, p.visitor("alice").value())
		require.Empty(p, b.look("/second/read").Values)
	}},
	{Given: "the cookie of another installation, with other keys", Expect: "an anonymous session", check: func(p *probe) {
		alice := p.visitor("alice")
		p.reset("")
		alice.anonymous()
		p.visitor("bob")
	}},
	{Given: "a good value as a bearer token or in the query", Expect: "an anonymous session", check: func(p *probe) {
		alice := p.visitor("alice")
		r := p.do(context.Background(), http.MethodGet, "/read?"+query(p.about.Cookie, alice.value()),
			http.Header{"Authorization": {"Bearer " + alice.value()}, p.about.Cookie: {alice.value()}})
		require.Equal(p, http.StatusOK, r.StatusCode)
		require.NotContains(p, r.body, "alice")
	}},
	{Given: "a good value in quotation marks", Expect: "the session, as RFC 6265 has it", check: func(p *probe) {
		p.with(p.about.Cookie, `"`+p.visitor("alice").value()+`"`).has("alice")
	}},
	{Given: "a good cookie among sixty others", Expect: "the session", check: func(p *probe) {
		b := p.visitor("alice")
		for i := range 60 {
			name := "other" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
			b.kept[name] = &http.Cookie{Name: name, Value: "1"}
		}
		b.has("alice")
	}},
	{Given: "a good cookie among malformed ones", Expect: "the session", check: func(p *probe) {
		b := p.visitor("alice")
		pair := p.about.Cookie + "=" + b.value()
		for _, line := range []string{"a; " + pair + "; b", "=; ;;; =x; " + pair, "a=b=c==; " + pair + ";", pair + "; é=1; \"q\"=\"", "theme=\"a b\"; " + pair} {
			require.Equal(p, "alice", p.line(line).Values["who"], line)
		}
	}},
	{Given: "a good cookie in the second of two Cookie lines", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line("a=1", p.about.Cookie+"="+p.visitor("alice").value()).Values["who"])
	}},
	{Given: "a thousand cookies", Expect: "no error of the server", check: func(p *probe) {
		p.visitor("alice")
		r := p.do(context.Background(), http.MethodGet, "/read", http.Header{"Cookie": {strings.Repeat("a=1; ", 1000)}})
		require.Less(p, r.StatusCode, http.StatusInternalServerError)
	}},
}
