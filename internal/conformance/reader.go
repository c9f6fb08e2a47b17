package conformance

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

func reads(given, expect string, check func(p *probe, b *browser), needs ...string) Behaviour {
	return Behaviour{Given: "a program that only reads sessions, and " + given, Expect: expect, needs: append(needs, "reader"), check: func(p *probe) {
		check(p, p.user("alice"))
	}}
}

// reader is a program beside the one that writes the sessions.
var reader = []Behaviour{
	reads("a session of another one", "that it sees the same", func(p *probe, b *browser) {
		require.Equal(p, b.read(), b.look("/reader/read"))
	}),
	reads("no session", "nothing, and no cookie", func(p *probe, b *browser) {
		nobody := p.browser()
		r := nobody.ok("/reader/read")
		require.NotContains(p, r.body, "alice")
		nobody.none(r)
		require.Equal(p, "alice", b.look("/reader/read").Subject)
	}),
	reads("a session after half its idle time", "no new cookie", func(p *probe, b *browser) {
		p.wait(idle / 2)
		b.none(b.ok("/reader/read"))
		require.Equal(p, "alice", b.look("/reader/read").Subject)
	}, "clock"),
	reads("a session under an old key", "no new cookie", func(p *probe, b *browser) {
		p.control("keys?do=add")
		b.none(b.ok("/reader/read"))
		require.Equal(p, "alice", b.look("/reader/read").Subject)
	}, "keys"),
	reads("a value that is set there", "no cookie, and the session as it was", func(p *probe, b *browser) {
		b.none(b.get("/reader/set?a=1"))
		require.Equal(p, map[string]string{"who": "alice"}, b.look("/reader/read").Values)
	}),
	reads("a sign-in there", "that it is refused, and the session as it was", func(p *probe, b *browser) {
		r := b.get("/reader/signin")
		require.Equal(p, http.StatusConflict, r.StatusCode)
		b.none(r)
		require.Equal(p, "alice", b.look("/reader/read").Subject)
	}),
	reads("a spoiled cookie", "that it is anonymous and stays where it is", func(p *probe, b *browser) {
		bad := p.with(p.about.Cookie, middle(b.value()))
		bad.none(bad.ok("/reader/read"))
		require.Empty(p, bad.look("/reader/read").Subject)
		require.Equal(p, "alice", b.look("/reader/read").Subject)
	}),
	reads("a sign-out there", "that copies of the cookie are worth nothing, and the cookie stays", func(p *probe, b *browser) {
		require.Equal(p, "alice", b.look("/reader/read").Subject)
		b.none(b.get("/reader/signout"))
		b.copy().anonymous()
	}),
	reads("a sign-out in the one that writes", "that it sees nobody", func(p *probe, b *browser) {
		thief := b.copy()
		require.Equal(p, "alice", thief.look("/reader/read").Subject)
		b.ok("/signout")
		require.Empty(p, thief.look("/reader/read").Subject)
	}),
}
