package conformance

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"
)

// renews is a behaviour of a site that renews sessions always, or never by reading.
func renews(when, given, expect string, check func(p *probe), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: append(needs, when), check: func(p *probe) {
		p.reset("renewal=" + when)
		check(p)
	}}
}

// left is what the site says of the time that is left.
func (b *browser) left() (idle, absolute time.Duration) {
	var seconds struct{ Idle, Absolute float64 }
	r := b.ok("/left")
	require.NoError(b.p, json.Unmarshal([]byte(r.body), &seconds), r.body)
	return time.Duration(seconds.Idle * float64(time.Second)), time.Duration(seconds.Absolute * float64(time.Second))
}

// pause lets a second pass where the clock can be set.
func (p *probe) pause() {
	if _, lacks := p.lacks("clock"); !lacks {
		p.wait(time.Second)
	}
}

var renewal = []Behaviour{
	renews("always", "renewal on every response, and a session that is read", "a new cookie each time, with the same id and values", func(p *probe) {
		b := p.visitor("alice")
		before := b.read()
		for range 3 {
			p.pause()
			b.session(b.ok("/read"))
			require.Equal(p, before, b.read())
		}
	}),
	renews("always", "renewal on every response, and a session that is read every 20 minutes", "it lives on for hours", func(p *probe) {
		b := p.visitor("alice")
		b.busy(5 * time.Hour)
		b.has("alice")
	}, "clock"),
	renews("always", "renewal on every response, and a cookie that outlives the browser", "its end moves with each response", func(p *probe) {
		p.reset("renewal=always&persistent=1")
		b := p.visitor("alice")
		for range 3 {
			p.wait(time.Minute)
			c := b.session(b.ok("/read"))
			b.take(b.ok("/noop").Response)
			require.WithinDuration(p, p.now().Add(idle), b.kept[c.Name].Expires, 10*time.Second)
		}
	}, "clock"),
	renews("always", "renewal on every response, and a visitor without a session", "no cookie", func(p *probe) {
		b := p.browser()
		b.none(b.ok("/read"))
		b.ok("/set?who=alice")
		p.pause()
		b.session(b.ok("/read"))
	}),
	renews("always", "renewal on every response, and a page that only looks", "no new cookie", func(p *probe) {
		b := p.visitor("alice")
		p.wait(10 * time.Minute)
		b.none(b.ok("/peek"))
		b.session(b.ok("/read"))
	}, "clock", "passive"),
	renews("always", "renewal on every response, at the end of the 12 hours", "the end all the same", func(p *probe) {
		b := p.visitor("alice")
		b.busy(absolute - 10*time.Minute)
		b.has("alice")
		p.wait(11 * time.Minute)
		b.anonymous()
	}, "clock", "absolute"),
	renews("never", "no renewal by reading, and a session that is read every 10 minutes", "no new cookie, and the end after 30 minutes", func(p *probe) {
		b := p.visitor("alice")
		for range 2 {
			p.wait(10 * time.Minute)
			b.none(b.ok("/read"))
			b.has("alice")
		}
		p.wait(12 * time.Minute)
		b.anonymous()
	}, "clock"),
	renews("never", "no renewal by reading, and a session that changes every 20 minutes", "it lives on for hours", func(p *probe) {
		b := p.browser()
		for range 12 {
			b.ok("/count")
			p.wait(20 * time.Minute)
		}
		require.Equal(p, "12", b.read().Values["n"])
	}, "clock"),
	renews("never", "no renewal by reading, and a new key", "a cookie under it, with the same end", func(p *probe) {
		b := p.visitor("alice")
		p.wait(20 * time.Minute)
		p.control("keys?do=add")
		b.session(b.ok("/read"))
		b.has("alice")
		p.wait(12 * time.Minute)
		b.anonymous()
	}, "clock", "keys"),
	renews("never", "no renewal by reading, and a session that ended 10 seconds ago", "it is still accepted, and not renewed", func(p *probe) {
		b := p.visitor("alice")
		p.wait(idle + 10*time.Second)
		b.none(b.ok("/read"))
		b.has("alice")
		p.wait(2 * time.Minute)
		b.anonymous()
	}, "clock", "leeway"),
	{Given: "a new session that is asked how long it is good", Expect: "30 minutes if nobody uses it", needs: []string{"countdown"}, check: func(p *probe) {
		left, _ := p.visitor("alice").left()
		require.InDelta(p, idle.Seconds(), left.Seconds(), 10)
	}},
	{Given: "a new session that is asked how long it is good at most", Expect: "12 hours", needs: []string{"absolute"}, check: func(p *probe) {
		_, most := p.visitor("alice").left()
		require.InDelta(p, absolute.Seconds(), most.Seconds(), 10)
	}},
	{Given: "a page that counts down, in the last 10 minutes of 30", Expect: "the time that is left, and that asking does not prolong it", needs: []string{"clock", "passive", "countdown"}, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(20 * time.Minute)
		for n := 10; n > 7; n-- {
			left, most := b.left()
			require.InDelta(p, float64(n), left.Minutes(), 0.2)
			require.InDelta(p, (absolute-30*time.Minute).Minutes()+float64(n), most.Minutes(), 0.2)
			p.wait(time.Minute)
		}
		p.wait(10 * time.Minute)
		b.anonymous()
	}},
}

var furtherRotation = []Behaviour{
	{Given: "a page that only looks at a session under an old key", Expect: "no new cookie, and one once the session is used", needs: []string{"keys", "passive"}, check: func(p *probe) {
		b := p.visitor("alice")
		p.control("keys?do=add")
		b.none(b.ok("/peek"))
		b.session(b.ok("/read"))
		b.has("alice")
	}},
}
