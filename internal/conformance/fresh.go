package conformance

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

// fresh is a session that ends and begins anew in one request.
var fresh = []Behaviour{
	{Given: "a session that is dropped, and another one begun in the same request", Expect: "a new id, and nothing but the new values", check: func(p *probe) {
		b := p.user("alice")
		before := b.read()
		b.session(b.ok("/fresh?a=1"))
		after := b.read()
		require.Equal(p, map[string]string{"a": "1"}, after.Values)
		require.Empty(p, after.Subject)
		require.NotEqual(p, before.ID, after.ID)
	}},
	{Given: "a session that is dropped, and another one begun in the same request", Expect: "the cookie from before is worth nothing", check: func(p *probe) {
		b := p.user("alice")
		before := b.copy()
		b.ok("/fresh?a=1")
		before.anonymous()
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
	{Given: "a flash message, and a session that is dropped and begun anew", Expect: "no message", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/flash?text=saved")
		b.ok("/fresh?a=1")
		require.Empty(p, b.flashes())
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
}

var others = []Behaviour{
	other("the others are signed out, and copies of their cookies worth nothing", func(p *probe, b *browser, more []*browser) {
		b.ok("/others")
		for _, one := range more {
			one.anonymous()
		}
	}),
	other("this one stays signed in, with its values and a new id", func(p *probe, b *browser, _ []*browser) {
		before := b.read()
		b.ok("/others")
		after := b.read()
		require.NotEqual(p, before.ID, after.ID)
		require.Equal(p, before.Values, after.Values)
		require.Equal(p, "alice", after.Subject)
	}),
	other("copies of this one's cookie from before are worth nothing", func(p *probe, b *browser, _ []*browser) {
		thief := b.copy()
		b.ok("/others")
		thief.anonymous()
		b.has("alice")
	}),
	other("other subjects and sessions of nobody stay", func(p *probe, b *browser, more []*browser) {
		bob, visitor := p.user("bob"), p.visitor("carol")
		b.ok("/others")
		more[0].anonymous()
		require.Equal(p, "bob", bob.read().Subject)
		visitor.has("carol")
	}),
	other("a sign-in that follows is good", func(p *probe, b *browser, more []*browser) {
		b.ok("/others")
		more[0].ok("/signin?subject=alice")
		require.Equal(p, "alice", more[0].read().Subject)
		require.Equal(p, "alice", b.read().Subject)
	}),
	other("a sign-out everywhere after it ends this one too", func(p *probe, b *browser, more []*browser) {
		b.ok("/others")
		more[0].ok("/signin?subject=alice")
		copied := b.copy()
		more[0].ok("/everywhere")
		copied.anonymous()
	}),
	{Given: "the other sessions ended, and nobody signed in", Expect: "no error of the server, and nothing ends", needs: []string{"others"}, check: func(p *probe) {
		alice, visitor := p.user("alice"), p.visitor("carol")
		require.Less(p, visitor.get("/others").StatusCode, http.StatusInternalServerError)
		require.Equal(p, "alice", alice.read().Subject)
		visitor.has("carol")
	}},
}

func other(expect string, check func(p *probe, b *browser, more []*browser)) Behaviour {
	return Behaviour{Given: "three sessions of a subject, of which one ends the others", Expect: expect, needs: []string{"others"}, check: func(p *probe) {
		check(p, p.user("alice"), []*browser{p.user("alice"), p.user("alice")})
	}}
}

// recent is what is known of how and when somebody signed in.
var recent = []Behaviour{
	{Given: "a sign-in 4 minutes ago, and a page that wants one within the last 5", Expect: "the page", needs: []string{"clock", "recent"}, check: func(p *probe) {
		b := p.user("alice")
		p.wait(4 * time.Minute)
		require.Equal(p, http.StatusOK, b.get("/recent").StatusCode)
		require.Equal(p, http.StatusUnauthorized, p.visitor("bob").get("/recent").StatusCode)
	}},
	{Given: "a sign-in 6 minutes ago, and a page that wants one within the last 5", Expect: "403, and the session goes on", needs: []string{"clock", "recent"}, check: func(p *probe) {
		b := p.user("alice")
		p.wait(6 * time.Minute)
		require.Equal(p, http.StatusForbidden, b.get("/recent").StatusCode)
		require.Equal(p, http.StatusOK, b.get("/gate").StatusCode)
	}},
	{Given: "a page that wants a recent sign-in, and a second sign-in", Expect: "the page, with the same values", needs: []string{"clock", "recent"}, check: func(p *probe) {
		b := p.user("alice")
		p.wait(6 * time.Minute)
		require.Equal(p, http.StatusForbidden, b.get("/recent").StatusCode)
		b.ok("/signin?subject=alice")
		b.ok("/recent")
		b.has("alice")
	}},
	{Given: "a page that wants a recent sign-in, and changes, renewals and new ids since then", Expect: "403 all the same", needs: []string{"clock", "recent"}, check: func(p *probe) {
		b := p.user("alice")
		for range 3 {
			p.wait(idle / 2)
			b.ok("/set?a=1")
			b.ok("/renew")
			b.ok("/remember?on=1")
			b.ok("/read")
		}
		require.Equal(p, http.StatusForbidden, b.get("/recent").StatusCode)
	}},
	{Given: "a page that wants a recent sign-in, and the end of the other sessions", Expect: "403 all the same", needs: []string{"clock", "recent", "others"}, check: func(p *probe) {
		b := p.user("alice")
		p.wait(6 * time.Minute)
		b.ok("/others")
		require.Equal(p, http.StatusForbidden, b.get("/recent").StatusCode)
		require.Equal(p, "alice", b.read().Subject)
	}},
	{Given: "a visitor, and a page that wants a recent sign-in", Expect: "401", needs: []string{"recent"}, check: func(p *probe) {
		require.Equal(p, http.StatusUnauthorized, p.visitor("alice").get("/recent").StatusCode)
		require.Equal(p, http.StatusUnauthorized, p.browser().get("/recent").StatusCode)
		p.user("alice").ok("/recent")
	}},
	{Given: "a sign-in with a password and a second factor", Expect: "both methods, as long as the session lives", needs: []string{"recent"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/signin?subject=alice&method=pwd&method=otp")
		b.ok("/set?a=1")
		b.ok("/renew")
		require.Equal(p, []string{"pwd", "otp"}, b.methods())
	}},
	{Given: "a sign-in over one with other methods", Expect: "the new ones", needs: []string{"recent"}, check: func(p *probe) {
		b := p.browser()
		b.ok("/signin?subject=alice&method=pwd&method=otp")
		b.ok("/signin?subject=alice&method=pwd")
		require.Equal(p, []string{"pwd"}, b.methods())
	}},
	{Given: "a sign-in with methods, and a sign-out", Expect: "none", needs: []string{"recent"}, check: func(p *probe) {
		b := p.browser()
		b.ok("/signin?subject=alice&method=pwd")
		require.Equal(p, []string{"pwd"}, b.methods())
		b.ok("/signout")
		require.Empty(p, b.methods())
	}},
	{Given: "a sign-in with methods, and a session that is dropped and begun anew", Expect: "none", needs: []string{"recent"}, check: func(p *probe) {
		b := p.browser()
		b.ok("/signin?subject=alice&method=pwd")
		require.Equal(p, []string{"pwd"}, b.methods())
		b.ok("/fresh?a=1")
		require.Empty(p, b.methods())
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
}

func (b *browser) methods() (all []string) {
	r := b.ok("/methods")
	require.NoError(b.p, json.Unmarshal([]byte(r.body), &all), r.body)
	return all
}
