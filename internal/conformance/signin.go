package conformance

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

var signingIn = []Behaviour{
	{Given: "somebody who is signed in", Expect: "the gate lets them through", check: func(p *probe) {
		require.Equal(p, http.StatusOK, p.user("alice").get("/gate").StatusCode)
	}},
	{Given: "a session of nobody, or none", Expect: "the gate answers 401", check: func(p *probe) {
		require.Equal(p, http.StatusUnauthorized, p.visitor("alice").get("/gate").StatusCode)
		require.Equal(p, http.StatusUnauthorized, p.browser().get("/gate").StatusCode)
		require.Equal(p, http.StatusOK, p.user("alice").get("/gate").StatusCode)
	}},
	{Given: "a sign-in", Expect: "a new id", check: func(p *probe) {
		b := p.visitor("alice")
		before := b.read().ID
		b.ok("/signin?subject=alice")
		require.NotEqual(p, before, b.read().ID)
	}},
	{Given: "a cookie that was planted before the sign-in", Expect: "it is not signed in afterwards (fixation)", check: func(p *probe) {
		mallory := p.visitor("mallory")
		victim := mallory.copy()
		victim.ok("/signin?subject=alice")
		victim.ok("/set?secret=1")
		s := mallory.read()
		require.Empty(p, s.Subject)
		require.NotContains(p, s.Values, "secret")
	}},
	{Given: "a cookie from before the sign-in", Expect: "it is worth nothing afterwards", check: func(p *probe) {
		b := p.visitor("alice")
		before := b.copy()
		b.ok("/signin?subject=alice")
		before.anonymous()
	}},
	{Given: "values from before the sign-in", Expect: "they are there afterwards", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/signin?subject=alice")
		b.has("alice")
	}},
	{Given: "a sign-in where there was no session", Expect: "a session of that subject", check: func(p *probe) {
		b := p.browser()
		b.session(b.ok("/signin?subject=alice"))
		require.Equal(p, "alice", b.read().Subject)
	}},
	{Given: "a sign-in of somebody else over a session that is signed in", Expect: "nothing of the first one's values", check: func(p *probe) {
		b := p.user("alice")
		b.ok("/signin?subject=bob")
		s := b.read()
		require.Equal(p, "bob", s.Subject)
		require.Empty(p, s.Values)
	}},
	{Given: "a second sign-in of the same subject", Expect: "a new id and the same values", check: func(p *probe) {
		b := p.user("alice")
		before := b.read()
		b.ok("/signin?subject=alice")
		after := b.read()
		require.NotEqual(p, before.ID, after.ID)
		require.Equal(p, before.Values, after.Values)
	}},
	{Given: "a subject with Unicode and punctuation", Expect: "it comes back as it is", check: func(p *probe) {
		b := p.browser()
		subject := "žofie|\"x\"@example.com;a=b, c"
		b.ok("/signin?" + query("subject", subject))
		require.Equal(p, subject, b.read().Subject)
	}},
	{Given: "a session that is renewed", Expect: "a new id with the same values and subject", check: func(p *probe) {
		b := p.user("alice")
		before := b.read()
		b.ok("/renew")
		after := b.read()
		require.NotEqual(p, before.ID, after.ID)
		require.Equal(p, before.Values, after.Values)
		require.Equal(p, "alice", after.Subject)
	}},
	{Given: "a session that is renewed", Expect: "the cookie from before is worth nothing", check: func(p *probe) {
		b := p.user("alice")
		before := b.copy()
		b.ok("/renew")
		before.anonymous()
		b.has("alice")
	}},
	{Given: "a renewal where there is no session", Expect: "no error of the server", check: func(p *probe) {
		b := p.browser()
		require.Less(p, b.get("/renew").StatusCode, http.StatusInternalServerError)
		b.ok("/set?who=alice")
		b.has("alice")
	}},
	{Given: "two browsers of one subject", Expect: "each has values of its own", check: func(p *probe) {
		one, two := p.user("alice"), p.user("alice")
		one.ok("/set?a=1")
		require.NotContains(p, two.read().Values, "a")
		require.NotEqual(p, one.read().ID, two.read().ID)
	}},
}
