package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// shownTo is what /read shows for a request with this header.
func (p *probe) shownTo(header http.Header) (s shown) {
	r := p.do(context.Background(), http.MethodGet, "/read", header)
	require.Equal(p, http.StatusOK, r.StatusCode, r.body)
	require.NoError(p, json.Unmarshal([]byte(r.body), &s), r.body)
	return s
}

// line is the same for these lines of Cookie.
func (p *probe) line(lines ...string) shown { return p.shownTo(http.Header{"Cookie": lines}) }

// both is the Cookie line with several values of the session's name.
func (p *probe) both(values ...string) string {
	return p.about.Cookie + "=" + strings.Join(values, "; "+p.about.Cookie+"=")
}

// twins are several cookies of one name: a browser sends them if another host of the domain or another path has set one (RFC
// 6265, section 5.4).
var twins = []Behaviour{
	{Given: "a garbage twin before the good cookie", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line(p.both("garbage", p.visitor("alice").value())).Values["who"])
	}},
	{Given: "a garbage twin after the good cookie", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line(p.both(p.visitor("alice").value(), "garbage")).Values["who"])
	}},
	{Given: "an empty twin before the good cookie", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line(p.both("", p.visitor("alice").value())).Values["who"])
	}},
	{Given: "the cookie of an older session before that of a newer one", Expect: "the newer one", needs: []string{"clock"}, check: func(p *probe) {
		older, newer := twoAges(p)
		require.Equal(p, "newer", p.line(p.both(older, newer)).Values["who"])
	}},
	{Given: "the cookie of an older session after that of a newer one", Expect: "the newer one", needs: []string{"clock"}, check: func(p *probe) {
		older, newer := twoAges(p)
		require.Equal(p, "newer", p.line(p.both(newer, older)).Values["who"])
	}},
	{Given: "the same cookie twice", Expect: "the session", check: func(p *probe) {
		value := p.visitor("alice").value()
		require.Equal(p, "alice", p.line(p.both(value, value)).Values["who"])
	}},
	{Given: "a signed-out twin beside a good cookie", Expect: "the good one's session", check: func(p *probe) {
		bob := p.user("bob")
		gone := bob.value()
		bob.ok("/signout")
		require.Equal(p, "alice", p.line(p.both(gone, p.visitor("alice").value())).Values["who"])
	}},
	{Given: "fifty garbage twins", Expect: "no error of the server", check: func(p *probe) {
		p.visitor("alice")
		values := strings.Split(strings.Repeat("garbage,", 50), ",")
		require.Empty(p, p.line(p.both(values...)).Values)
	}},
}

var furtherTwins = []Behaviour{
	{Given: "three garbage twins before the good cookie", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line(p.both("garbage", "", "a.b.c.d.e", p.visitor("alice").value())).Values["who"])
	}},
	{Given: "the good cookie before fifty garbage twins", Expect: "the session", check: func(p *probe) {
		values := append([]string{p.visitor("alice").value()}, strings.Split(strings.Repeat("garbage,", 50), ",")...)
		require.Equal(p, "alice", p.line(p.both(values...)).Values["who"])
	}},
	{Given: "an expired twin before the good cookie", Expect: "the session", needs: []string{"clock"}, check: func(p *probe) {
		old := p.visitor("old").value()
		p.wait(2 * idle)
		require.Equal(p, "alice", p.line(p.both(old, p.visitor("alice").value())).Values["who"])
	}},
	{Given: "four twins that are all good, in any order", Expect: "the newest", needs: []string{"clock"}, check: func(p *probe) {
		values := make([]string, 4)
		for i := range values {
			values[i] = p.visitor(string(rune('a' + i))).value()
			p.wait(5 * time.Second)
		}
		for range values {
			require.Equal(p, "d", p.line(p.both(values...)).Values["who"])
			values = append(values[1:], values[0])
		}
	}},
	{Given: "a twin in quotation marks before the good cookie in quotation marks", Expect: "the session", check: func(p *probe) {
		require.Equal(p, "alice", p.line(p.both(`"garbage"`, `"`+p.visitor("alice").value()+`"`)).Values["who"])
	}},
	{Given: "a good value in single or unpaired quotation marks", Expect: "an anonymous session", check: func(p *probe) {
		value := p.visitor("alice").value()
		for _, odd := range []string{"'" + value + "'", `"` + value, value + `"`, `""` + value + `""`} {
			require.Empty(p, p.line(p.both(odd)).Values, odd)
		}
	}},
	{Given: "twins and a value that is set", Expect: "it is set in the session that was shown", check: func(p *probe) {
		line := http.Header{"Cookie": {p.both(p.visitor("alice").value(), "garbage")}}
		b := p.browser()
		r := p.do(context.Background(), http.MethodGet, "/set?a=1", line)
		require.Equal(p, http.StatusOK, r.StatusCode)
		b.take(r.Response)
		if b.value() == "" { // the cookie may stay as it is
			require.Equal(p, map[string]string{"who": "alice", "a": "1"}, p.shownTo(line).Values)
			return
		}
		require.Equal(p, map[string]string{"who": "alice", "a": "1"}, b.read().Values)
	}},
	{Given: "a sign-out with a twin under the cookie's name", Expect: "the session that was shown is over", check: func(p *probe) {
		alice := p.user("alice")
		r := p.do(context.Background(), http.MethodGet, "/signout", http.Header{"Cookie": {p.both(alice.value(), "garbage")}})
		require.Equal(p, http.StatusOK, r.StatusCode)
		alice.anonymous()
	}},
	{Given: "a twin of this host alone beside the cookie of a domain, and a value that is set", Expect: "that the twin is deleted", needs: []string{"twins"}, check: func(p *probe) {
		good := p.given("name=sid&domain=example.com")
		r := p.do(context.Background(), http.MethodGet, "/set?a=1", http.Header{"Cookie": {p.both("garbage", good.Value)}})
		var kept, deleted int
		for _, c := range r.cookies("sid") {
			switch {
			case c.Domain == "example.com" && c.MaxAge >= 0:
				kept++
			case c.Domain == "" && c.MaxAge < 0:
				deleted++
			}
		}
		require.Equal(p, 1, kept)
		require.Positive(p, deleted)
		require.Equal(p, "example.com", r.cookies("sid")[len(r.cookies("sid"))-1].Domain, "the session comes last")
	}},
	{Given: "a twin of the whole site beside the cookie of a path, and a sign-out", Expect: "that both are deleted", needs: []string{"twins"}, check: func(p *probe) {
		good := p.given("name=sid&path=/in")
		r := p.do(context.Background(), http.MethodGet, "/signout", http.Header{"Cookie": {p.both("garbage", good.Value)}})
		paths := make(map[string]bool)
		for _, c := range r.cookies("sid") {
			require.Negative(p, c.MaxAge)
			paths[c.Path] = true
		}
		require.True(p, paths["/in"] && paths["/"], "%v", paths)
	}},
}

func twoAges(p *probe) (older, newer string) {
	older = p.visitor("older").value()
	p.wait(5 * time.Second)
	return older, p.visitor("newer").value()
}
