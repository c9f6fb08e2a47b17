package conformance

import (
	"time"

	"github.com/stretchr/testify/require"
)

var keysNeeded = []string{"keys"}

var rotation = []Behaviour{
	{Given: "a session and a new key", Expect: "the session goes on", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		b.has("alice")
	}},
	{Given: "a session under the key before the last", Expect: "the session goes on", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		cookie := b.copy()
		p.control("keys?do=add")
		p.control("keys?do=add")
		cookie.has("alice")
	}},
	{Given: "a session that changes under a new key, and the old key taken away", Expect: "the session goes on", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		b.ok("/set?a=1")
		p.control("keys?do=drop")
		require.Equal(p, map[string]string{"who": "alice", "a": "1"}, b.read().Values)
	}},
	{Given: "a session that is only read under a new key, and the old key taken away", Expect: "the session goes on", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		b.has("alice")
		p.control("keys?do=drop")
		b.has("alice")
	}},
	{Given: "a session that moves to a new key", Expect: "the same id, subject and values", needs: keysNeeded, check: func(p *probe) {
		b := p.user("alice")
		before := b.read()
		p.control("keys?do=add")
		require.Equal(p, before, b.read())
		require.Equal(p, before, b.read())
	}},
	{Given: "a session that has moved to a new key", Expect: "no new cookie from then on", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		b.ok("/read")
		b.none(b.ok("/read"))
	}},
	{Given: "a session that begins under a new key, and the old key taken away", Expect: "the session goes on", needs: keysNeeded, check: func(p *probe) {
		p.control("keys?do=add")
		b := p.visitor("alice")
		p.control("keys?do=drop")
		b.has("alice")
	}},
	{Given: "a session whose key was taken away", Expect: "an anonymous session", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		cookie := b.copy()
		p.control("keys?do=add")
		p.control("keys?do=drop")
		cookie.anonymous()
	}},
	{Given: "a session whose key was taken away and a value that is set", Expect: "a new session without the old values", needs: keysNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		p.control("keys?do=drop")
		b.ok("/set?a=1")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}},
	{Given: "a session that moves to a new key shortly before its absolute end", Expect: "that end", needs: []string{"keys", "clock", "absolute"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(absolute - 10*time.Minute)
		p.control("keys?do=add")
		b.has("alice")
		p.wait(11 * time.Minute)
		b.anonymous()
	}},
	{Given: "a spoiled cookie under an old key", Expect: "an anonymous session", needs: keysNeeded, check: func(p *probe) {
		alice := p.visitor("alice")
		p.control("keys?do=add")
		p.with(p.about.Cookie, middle(alice.value())).anonymous()
		alice.has("alice")
	}},
	{Given: "a sign-out under a new key of a session under the old one", Expect: "a copy of the cookie is worth nothing", needs: keysNeeded, check: func(p *probe) {
		b := p.user("alice")
		thief := b.copy()
		p.control("keys?do=add")
		b.ok("/signout")
		thief.anonymous()
	}},
}
