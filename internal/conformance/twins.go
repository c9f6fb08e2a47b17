package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// line is what /read shows for these lines of Cookie.
func (p *probe) line(lines ...string) (s shown) {
	r := p.do(context.Background(), http.MethodGet, "/read", http.Header{"Cookie": lines})
	require.Equal(p, http.StatusOK, r.StatusCode, r.body)
	require.NoError(p, json.Unmarshal([]byte(r.body), &s), r.body)
	return s
}

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

func twoAges(p *probe) (older, newer string) {
	older = p.visitor("older").value()
	p.wait(5 * time.Second)
	return older, p.visitor("newer").value()
}
