package conformance

import (
	"github.com/stretchr/testify/require"
)

// deploy puts another version of the program in place of the one that runs:
//
//	first      the one that a reset starts
//	wider      its data has a field more: /set sets it, and /read shows it among the values, as "note"
//	retyped    the values have another type
//	migrating  the same, with a function that turns the old values into the new
//	failing    the same, with one that can't
func (p *probe) deploy(form string) { p.control("deploy?form=" + form) }

func evolves(given, expect string, check func(p *probe, b *browser), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: append(needs, "forms"), check: func(p *probe) { check(p, p.user("alice")) }}
}

// noted is a browser whose session has a field that the first version of the program does not know.
func (b *browser) noted() {
	b.p.deploy("wider")
	b.ok("/set?note=x")
	require.Equal(b.p, map[string]string{"who": "alice", "note": "x"}, b.read().Values)
	b.p.deploy("first")
}

var forms = []Behaviour{
	evolves("a session from before its data got a field more", "the session, with that field empty", func(p *probe, b *browser) {
		before := b.read()
		p.deploy("wider")
		require.Equal(p, before, b.read())
		b.ok("/set?note=x")
		require.Equal(p, map[string]string{"who": "alice", "note": "x"}, b.read().Values)
	}),
	evolves("a field that an older version of the program does not know, and a page that reads there", "the session, and the field still there later", func(p *probe, b *browser) {
		b.noted()
		require.Equal(p, map[string]string{"who": "alice"}, b.read().Values)
		p.deploy("wider")
		require.Equal(p, map[string]string{"who": "alice", "note": "x"}, b.read().Values)
	}),
	evolves("a field that an older version of the program does not know, and a new cookie from there", "the field still there later", func(p *probe, b *browser) {
		b.noted()
		p.control("keys?do=add")
		b.session(b.ok("/read"))
		b.ok("/renew")
		p.deploy("wider")
		require.Equal(p, map[string]string{"who": "alice", "note": "x"}, b.read().Values)
	}, "keys"),
	evolves("a field that an older version of the program does not know, and a change of the values there", "the change, and the session goes on without the field", func(p *probe, b *browser) {
		b.noted()
		b.ok("/set?who=bob")
		p.deploy("wider")
		require.Equal(p, map[string]string{"who": "bob"}, b.read().Values)
		require.Equal(p, "alice", b.read().Subject)
	}),
	evolves("data whose type has changed", "an anonymous session and no error, and a good one once a value is set", func(p *probe, b *browser) {
		p.deploy("retyped")
		b.anonymous()
		b.ok("/set?a=1")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}),
	evolves("data of which a part has another type", "an anonymous session, with nothing of the rest either", func(p *probe, b *browser) {
		b.noted()
		p.deploy("retyped")
		b.anonymous()
		b.ok("/set?a=1")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}),
	evolves("data whose type has changed, and the change taken back", "the session that nobody has written since", func(p *probe, b *browser) {
		p.deploy("retyped")
		b.anonymous()
		p.deploy("first")
		b.has("alice")
		require.Equal(p, "alice", b.read().Subject)
	}),
	evolves("data whose type has changed, and a function that migrates it", "the same values, id and subject", func(p *probe, b *browser) {
		before := b.read()
		p.deploy("migrating")
		require.Equal(p, before, b.read())
		require.Equal(p, before, b.read())
		b.ok("/set?a=1")
		after := b.read()
		require.Equal(p, map[string]string{"who": "alice", "a": "1"}, after.Values)
		require.Equal(p, before.ID, after.ID)
	}),
	evolves("a session that is migrated and only read, and the older version beside the newer", "the session in both", func(p *probe, b *browser) {
		p.deploy("migrating")
		b.has("alice")
		p.deploy("first")
		b.has("alice")
	}),
	evolves("data of a newer version whose type the older program can't read", "an anonymous session there and no error", func(p *probe, b *browser) {
		p.deploy("migrating")
		b.ok("/set?a=1")
		newer := b.copy()
		p.deploy("first")
		b.anonymous()
		p.deploy("migrating")
		newer.has("alice")
	}),
	evolves("data that can't be migrated", "an anonymous session and no error, and a good one once a value is set", func(p *probe, b *browser) {
		p.deploy("failing")
		b.anonymous()
		b.ok("/set?a=1")
		require.Equal(p, map[string]string{"a": "1"}, b.read().Values)
	}),
	evolves("what a package keeps that another version of the program does not know", "it is still there later, also after a change", func(p *probe, b *browser) {
		b.slot(onePackage, "1")
		p.deploy("wider")
		b.ok("/set?note=x")
		p.deploy("first")
		require.Equal(p, map[string]string{onePackage: "1"}, b.slots())
	}, "slots"),
}
