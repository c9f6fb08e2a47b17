package conformance

import (
	"context"
	"net/http"

	"github.com/stretchr/testify/require"
)

var signingOut = []Behaviour{
	{Given: "a sign-out", Expect: "an anonymous session and a closed gate", check: func(p *probe) {
		b := p.user("alice")
		b.ok("/signout")
		b.anonymous()
		require.Equal(p, http.StatusUnauthorized, b.get("/gate").StatusCode)
	}},
	{Given: "a sign-out", Expect: "the browser keeps no cookie of the session", check: func(p *probe) {
		b := p.user("alice")
		b.ok("/signout")
		require.Empty(p, b.value())
	}},
	{Given: "a copy of the cookie from before the sign-out", Expect: "it is worth nothing", check: func(p *probe) {
		b := p.user("alice")
		thief := b.copy()
		b.ok("/signout")
		thief.anonymous()
		require.Equal(p, http.StatusUnauthorized, thief.get("/gate").StatusCode)
	}},
	{Given: "an older cookie of a session that was signed out", Expect: "it is worth nothing", check: func(p *probe) {
		b := p.user("alice")
		older := b.copy()
		b.ok("/set?a=1")
		b.ok("/set?a=2")
		b.ok("/signout")
		older.anonymous()
	}},
	{Given: "a copy of a signed-out cookie that is used to set a value", Expect: "nothing of the old session comes back", check: func(p *probe) {
		b := p.user("alice")
		thief := b.copy()
		b.ok("/signout")
		thief.ok("/set?a=1")
		s := thief.read()
		require.Equal(p, map[string]string{"a": "1"}, s.Values)
		require.Empty(p, s.Subject)
	}},
	{Given: "a request that is under way while the user signs out", Expect: "it does not bring the session back", check: func(p *probe) {
		b := p.user("alice")
		slow := b.copy()
		done := make(chan struct{})
		var r *reply
		var err error
		go func() {
			defer close(done)
			r, err = p.send(context.Background(), http.MethodGet, "/hold?a=1", slow.header())
		}()
		p.control("held")
		b.ok("/signout")
		p.control("release")
		<-done
		require.NoError(p, err)
		slow.take(r.Response)
		require.Empty(p, slow.read().Subject)
		require.NotContains(p, slow.read().Values, "who")
	}},
	{Given: "a sign-out where there is no session", Expect: "no error, and none begins", check: func(p *probe) {
		b := p.browser()
		b.ok("/signout")
		require.Empty(p, b.value())
		p.user("alice")
	}},
	{Given: "a sign-out with a refused cookie", Expect: "no error, and the browser keeps no cookie", check: func(p *probe) {
		b := p.with(p.about.Cookie, middle(p.user("alice").value()))
		b.ok("/signout")
		require.Empty(p, b.value())
	}},
	{Given: "a second sign-out", Expect: "no error", check: func(p *probe) {
		b := p.user("alice")
		again := b.copy()
		b.ok("/signout")
		again.ok("/signout")
		again.anonymous()
	}},
	{Given: "a sign-out in one of two browsers", Expect: "the other one stays signed in", check: func(p *probe) {
		one, two := p.user("alice"), p.user("alice")
		one.ok("/signout")
		require.Equal(p, "alice", two.read().Subject)
	}},
	{Given: "a sign-out and a new session in the same browser", Expect: "another id and nothing of the old values", check: func(p *probe) {
		b := p.user("alice")
		before := b.read().ID
		b.ok("/signout")
		b.ok("/set?a=1")
		s := b.read()
		require.Equal(p, map[string]string{"a": "1"}, s.Values)
		require.NotEqual(p, before, s.ID)
		require.Empty(p, s.Subject)
	}},
	{Given: "a sign-out everywhere", Expect: "all browsers of the subject are signed out", check: func(p *probe) {
		one, two := p.user("alice"), p.user("alice")
		one.ok("/everywhere")
		require.Empty(p, one.read().Subject)
		require.Empty(p, two.read().Subject)
	}},
	{Given: "a sign-out everywhere", Expect: "copies of all their cookies are worth nothing", check: func(p *probe) {
		one, two := p.user("alice"), p.user("alice")
		first, second := one.copy(), two.copy()
		one.ok("/everywhere")
		first.anonymous()
		second.anonymous()
	}},
	{Given: "a sign-out everywhere", Expect: "other subjects stay signed in", check: func(p *probe) {
		alice, bob := p.user("alice"), p.user("bob")
		alice.ok("/everywhere")
		require.Equal(p, "bob", bob.read().Subject)
	}},
	{Given: "a sign-out everywhere and a sign-in at once", Expect: "the new session is good", check: func(p *probe) {
		b, old := p.user("alice"), p.user("alice")
		b.ok("/everywhere")
		b.ok("/signin?subject=alice")
		require.Equal(p, "alice", b.read().Subject)
		require.Empty(p, old.read().Subject)
	}},
	{Given: "a sign-out everywhere", Expect: "sessions of nobody stay", check: func(p *probe) {
		visitor := p.visitor("carol")
		p.user("alice").ok("/everywhere")
		visitor.has("carol")
	}},
}
