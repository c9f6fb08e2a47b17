package conformance

import (
	"time"

	"github.com/stretchr/testify/require"
)

const (
	idle     = 30 * time.Minute
	absolute = 12 * time.Hour
)

// busy uses the session every 20 minutes, for d.
func (b *browser) busy(d time.Duration) {
	for step := 20 * time.Minute; d > 0; d -= step {
		b.p.wait(min(step, d))
		b.ok("/read")
	}
}

var clock = []string{"clock"}

var lifetime = []Behaviour{
	{Given: "a session that was left alone for 29 minutes of 30", Expect: "it is still there", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(29 * time.Minute)
		b.has("alice")
	}},
	{Given: "a session that was left alone for 32 minutes of 30", Expect: "an anonymous session", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(32 * time.Minute)
		b.anonymous()
	}},
	{Given: "the copy of a cookie that no browser has expired", Expect: "the server does not accept it after the idle time", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(32 * time.Minute)
		p.with(p.about.Cookie, b.value()).anonymous()
	}},
	{Given: "a session that is read every 20 minutes", Expect: "it lives on for hours", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(5 * time.Hour)
		b.has("alice")
	}},
	{Given: "a session that is changed every 20 minutes", Expect: "it lives on for hours", needs: clock, check: func(p *probe) {
		b := p.browser()
		for range 12 {
			b.ok("/count")
			p.wait(20 * time.Minute)
		}
		require.Equal(p, "12", b.read().Values["n"])
	}},
	{Given: "a session that is touched every 20 minutes", Expect: "it lives on for hours", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		for range 12 {
			p.wait(20 * time.Minute)
			b.ok("/touch")
		}
		b.has("alice")
	}},
	{Given: "a session that is read a minute after it began", Expect: "no new cookie", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(time.Minute)
		b.none(b.ok("/read"))
	}},
	{Given: "a session that is read after half its idle time", Expect: "a new cookie with the same id and values", needs: []string{"clock", "sealed"}, check: func(p *probe) {
		b := p.visitor("alice")
		before := b.read()
		p.wait(idle / 2)
		old := b.value()
		require.NotEqual(p, old, b.session(b.ok("/read")).Value)
		require.Equal(p, before, b.read())
	}},
	{Given: "a page that does not use its session, after half the idle time", Expect: "no new cookie", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(idle / 2)
		b.none(b.ok("/noop"))
		b.has("alice")
	}},
	{Given: "a session that ended by being idle and a value that is set", Expect: "a new session without the old values", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		id := b.read().ID
		p.wait(time.Hour)
		b.ok("/set?a=1")
		s := b.read()
		require.Equal(p, map[string]string{"a": "1"}, s.Values)
		require.NotEqual(p, id, s.ID)
	}},
	{Given: "a sign-in that was left alone for too long", Expect: "nobody is signed in", needs: clock, check: func(p *probe) {
		b := p.user("alice")
		p.wait(32 * time.Minute)
		require.Equal(p, 401, b.get("/gate").StatusCode)
	}},
	{Given: "a session used all the time for 11 hours of 12", Expect: "it is still there", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(11 * time.Hour)
		b.has("alice")
	}},
	{Given: "a session used all the time for 12 hours and a minute", Expect: "an anonymous session", needs: []string{"clock", "absolute"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(absolute - 10*time.Minute)
		b.has("alice")
		p.wait(11 * time.Minute)
		b.anonymous()
	}},
	{Given: "a new id after 11 hours", Expect: "the end after 12 hours all the same", needs: []string{"clock", "absolute"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(absolute - 10*time.Minute)
		b.ok("/renew")
		b.has("alice")
		p.wait(11 * time.Minute)
		b.anonymous()
	}},
	{Given: "a sign-in after 11 hours", Expect: "12 hours from then on", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.busy(11 * time.Hour)
		b.ok("/signin?subject=alice")
		b.busy(11 * time.Hour)
		require.Equal(p, "alice", b.read().Subject)
	}},
	{Given: "a session that is only looked at, every 10 minutes", Expect: "it ends by being idle", needs: []string{"clock", "passive"}, check: func(p *probe) {
		b := p.visitor("alice")
		for range 2 {
			p.wait(10 * time.Minute)
			require.Equal(p, "alice", b.look("/peek").Values["who"])
		}
		p.wait(12 * time.Minute)
		require.Empty(p, b.look("/peek").Values)
	}},
	{Given: "a session that is only looked at, after half its idle time", Expect: "no new cookie", needs: []string{"clock", "passive"}, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(idle / 2)
		b.none(b.ok("/peek"))
	}},
	{Given: "a lifetime of its own of 10 minutes", Expect: "the end after that, however busy it is", needs: []string{"clock", "own"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/lifetime?seconds=600")
		for range 3 {
			p.wait(3 * time.Minute)
			b.has("alice")
		}
		p.wait(2 * time.Minute)
		b.anonymous()
	}},
	{Given: "a lifetime of its own that is longer than the configured one", Expect: "it is refused, and the session stays as it was", needs: []string{"own"}, check: func(p *probe) {
		b := p.visitor("alice")
		require.Equal(p, 400, b.get("/lifetime?seconds=90000").StatusCode)
		b.has("alice")
	}},
	{Given: "a session that ended 10 seconds ago", Expect: "it is still accepted, as clocks of servers differ", needs: []string{"clock", "leeway"}, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(idle + 10*time.Second)
		require.Equal(p, "alice", b.look("/peek").Values["who"])
		p.wait(2 * time.Minute)
		require.Empty(p, b.look("/peek").Values)
	}},
	{Given: "a session from a server whose clock is 10 seconds ahead", Expect: "it is accepted", needs: clock, check: func(p *probe) {
		p.wait(time.Hour)
		b := p.visitor("alice")
		p.wait(-10 * time.Second)
		b.has("alice")
	}},
	{Given: "a token from an hour ahead", Expect: "an anonymous session", needs: []string{"clock", "leeway"}, check: func(p *probe) {
		p.wait(time.Hour)
		b := p.visitor("alice")
		p.wait(-time.Hour)
		b.anonymous()
	}},
	{Given: "an idle time that is shortened to 5 minutes", Expect: "it counts for sessions that live already", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("configure?idle=5m")
		b.has("alice")
		p.wait(7 * time.Minute)
		b.anonymous()
	}},
}

var remembering = []Behaviour{
	{Given: "a session that is remembered", Expect: "it is there after two days", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		p.wait(48 * time.Hour)
		b.has("alice")
	}},
	{Given: "a remembered session that was left alone for 8 days of 7", Expect: "an anonymous session", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		p.wait(8 * 24 * time.Hour)
		b.anonymous()
	}},
	{Given: "a remembered session used every 5 days", Expect: "the end after 30 days", needs: []string{"clock", "absolute"}, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		for range 5 {
			p.wait(5 * 24 * time.Hour)
			b.has("alice")
		}
		p.wait(5*24*time.Hour + time.Hour)
		b.anonymous()
	}},
	{Given: "a remembered session used every 5 days", Expect: "it is there after 25 days", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		for range 5 {
			p.wait(5 * 24 * time.Hour)
			b.has("alice")
		}
	}},
	{Given: "a session that is remembered no more", Expect: "the short idle time again", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		b.ok("/remember?on=0")
		p.wait(32 * time.Minute)
		p.with(p.about.Cookie, b.value()).anonymous()
	}},
	{Given: "a remembered session", Expect: "the same values and subject", check: func(p *probe) {
		b := p.user("alice")
		b.ok("/remember?on=1")
		s := b.read()
		require.Equal(p, "alice", s.Subject)
		require.Equal(p, "alice", s.Values["who"])
	}},
}
