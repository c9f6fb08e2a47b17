package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

var chunksNeeded = []string{"chunks"}

const fourChunks = "chunks=4"

// pieces are the cookies of the session that the browser keeps: the one with the session's name, and others that begin with it.
func (b *browser) pieces() (names []string) {
	for name := range b.kept {
		if strings.HasPrefix(name, b.p.about.Cookie) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// holds requires that the session holds so many letters, and the browser cookies that it keeps.
func (b *browser) holds(letters int) {
	require.Len(b.p, b.read().Values["large"], letters)
	for name, c := range b.kept {
		require.LessOrEqual(b.p, len(name)+len(c.Value), browserLimit)
	}
}

// inPieces is a browser with a session of so many letters in several cookies.
func (p *probe) inPieces(letters int) *browser {
	b := p.visitor("alice")
	b.ok(large(letters))
	b.holds(letters)
	require.Greater(p, len(b.pieces()), 1, "the session is in several cookies")
	return b
}

func chunk(given, expect string, check func(p *probe), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: append(needs, chunksNeeded...), check: func(p *probe) {
		p.reset(fourChunks)
		check(p)
	}}
}

// chunks are sessions in several cookies: opt-in, so each has a site that does it.
var chunks = []Behaviour{
	chunk("several cookies allowed and a small session", "one cookie", func(p *probe) {
		require.Len(p, p.visitor("alice").pieces(), 1)
	}),
	chunk("several cookies allowed and a session of 6,000 bytes", "all of it, in cookies that browsers keep", func(p *probe) { p.inPieces(6000) }),
	chunk("a session that grows from one cookie to four, in steps", "all of it each time", func(p *probe) {
		b := p.visitor("alice")
		for n := 500; n <= 8500; n += 500 {
			b.ok(large(n))
			b.holds(n)
		}
		require.Len(p, b.pieces(), 4)
		b.has("alice")
	}),
	chunk("a session that shrinks from four cookies to one, in steps", "all of it each time, and no cookie that is left over", func(p *probe) {
		b := p.inPieces(8500)
		for n := 8000; n >= 500; n -= 500 {
			b.ok(large(n))
			b.holds(n)
			fresh := p.visitor("alice")
			fresh.ok(large(n))
			require.Equal(p, fresh.pieces(), b.pieces(), "%d bytes", n)
		}
		require.Len(p, b.pieces(), 1)
		b.has("alice")
	}),
	chunk("a session in several cookies that is only read", "no new cookie", func(p *probe) {
		b := p.inPieces(6000)
		require.Empty(p, b.ok("/read").Header["Set-Cookie"])
	}),
	chunk("a session in several cookies", "all of them with the same attributes", func(p *probe) {
		p.reset(fourChunks + "&samesite=none&partitioned=1")
		b := p.visitor("alice")
		b.ok("/remember?on=1")
		first := b.session(b.ok(large(6000)))
		require.Len(p, b.pieces(), 3)
		for _, name := range b.pieces() {
			c := b.kept[name]
			require.Equal(p, attributesOf(first)[1:], attributesOf(c)[1:], name)
			require.Equal(p, first.MaxAge, c.MaxAge, name)
		}
		require.Positive(p, first.MaxAge)
	}),
	chunk("a sign-out of a session in several cookies", "the browser keeps none of them, and copies are worth nothing", func(p *probe) {
		b := p.inPieces(6000)
		thief := b.copy()
		b.ok("/signout")
		require.Empty(p, b.pieces())
		thief.anonymous()
	}),
	chunk("a new id for a session in several cookies", "the same values, and copies from before are worth nothing", func(p *probe) {
		b := p.inPieces(6000)
		before := b.copy()
		b.ok("/renew")
		b.holds(6000)
		before.anonymous()
	}),
	chunk("a session in several cookies after half its idle time", "all of them anew, with the same values", func(p *probe) {
		b := p.inPieces(6000)
		p.wait(idle / 2)
		r := b.ok("/read")
		require.Len(p, r.Header["Set-Cookie"], len(b.pieces()))
		p.wait(idle - time.Minute)
		b.holds(6000)
	}, "clock"),
	chunk("a session in several cookies and a new key, with the old one taken away later", "the session goes on", func(p *probe) {
		b := p.inPieces(6000)
		p.control("keys?do=add")
		b.holds(6000)
		p.control("keys?do=drop")
		b.holds(6000)
	}, "keys"),
	chunk("a header that is flushed and a session in several cookies", "all of them", func(p *probe) {
		b := p.visitor("alice")
		b.ok("/respond/flush?set=large=" + strings.Repeat("x", 6000))
		b.holds(6000)
		require.Len(p, b.pieces(), 3)
	}),
	chunk("a session too large for four cookies", "a clean 500, and the session as it was", func(p *probe) {
		b := p.inPieces(6000)
		r := b.get(large(20_000))
		b.refusedAsTooLarge(r)
		require.Empty(p, r.Header["Set-Cookie"])
		b.holds(6000)
	}),
	chunk("the largest session that fits into four cookies, and one byte more", "cookies that browsers keep, and then a clean 500", func(p *probe) {
		fits, not := 6000, 20_000
		for not-fits > 1 {
			n := (fits + not) / 2
			b := p.browser()
			if r := b.get(large(n)); r.StatusCode != http.StatusOK {
				not = n
				b.refusedAsTooLarge(r)
				continue
			}
			fits = n
			b.holds(n)
			require.LessOrEqual(p, len(b.pieces()), 4)
		}
		require.Greater(p, fits, 8500)
	}),
}

// spoils is a behaviour in which the cookies of a session become bad. older is an earlier state of it, of the same size.
func spoils(given string, spoil func(p *probe, name string, kept, older map[string]*http.Cookie)) Behaviour {
	return chunk(given, "an anonymous session, and a good one once a value is set", func(p *probe) {
		b := p.visitor("old")
		b.ok(large(6000))
		older := b.copy()
		b.ok("/set?who=new")
		bad := b.copy()
		spoil(p, p.about.Cookie, bad.kept, older.kept)
		require.NotEqual(p, b.header(), bad.header())
		bad.anonymous()
		bad.ok("/set?who=bob")
		require.Equal(p, map[string]string{"who": "bob"}, bad.read().Values)
		require.Len(p, bad.pieces(), 1, "what was left over is gone")
		b.has("new")
	})
}

func change(kept map[string]*http.Cookie, name, value string) {
	kept[name] = &http.Cookie{Name: name, Value: value}
}

var badChunks = []Behaviour{
	spoils("several cookies of which the last is missing", func(_ *probe, name string, kept, _ map[string]*http.Cookie) { delete(kept, name+"_2") }),
	spoils("several cookies of which one in between is missing", func(_ *probe, name string, kept, _ map[string]*http.Cookie) { delete(kept, name+"_1") }),
	spoils("several cookies of which one is garbage", func(_ *probe, name string, kept, _ map[string]*http.Cookie) { change(kept, name+"_1", "garbage") }),
	spoils("several cookies of which one has a character changed", func(_ *probe, name string, kept, _ map[string]*http.Cookie) {
		change(kept, name+"_1", middle(kept[name+"_1"].Value))
	}),
	spoils("several cookies of which two have changed places", func(_ *probe, name string, kept, _ map[string]*http.Cookie) {
		one, two := kept[name+"_1"].Value, kept[name+"_2"].Value
		change(kept, name+"_1", two)
		change(kept, name+"_2", one)
	}),
	spoils("several cookies of which the first is from an earlier state", func(_ *probe, name string, kept, older map[string]*http.Cookie) {
		kept[name] = older[name]
	}),
	spoils("several cookies of which the last is from an earlier state", func(_ *probe, name string, kept, older map[string]*http.Cookie) {
		kept[name+"_2"] = older[name+"_2"]
	}),
	spoils("several cookies of which all but one are from an earlier state", func(_ *probe, name string, kept, older map[string]*http.Cookie) {
		last := kept[name+"_2"]
		maps.Copy(kept, older)
		kept[name+"_2"] = last
	}),
	spoils("several cookies of which one is another visitor's", func(p *probe, name string, kept, _ map[string]*http.Cookie) {
		kept[name+"_1"] = p.inPieces(6000).kept[name+"_1"]
	}),
	spoils("several cookies of a token that is cut at other places", func(_ *probe, name string, kept, _ map[string]*http.Cookie) {
		zero, one, two := kept[name].Value, kept[name+"_1"].Value, kept[name+"_2"].Value
		change(kept, name, zero[:len(zero)-1])
		change(kept, name+"_1", zero[len(zero)-1:]+one[:len(one)-1])
		change(kept, name+"_2", one[len(one)-1:]+two)
	}),
	spoils("several cookies and a count that is larger", func(_ *probe, name string, kept, _ map[string]*http.Cookie) {
		change(kept, name, "4"+kept[name].Value[1:])
	}),
	spoils("several cookies and a count that is smaller", func(_ *probe, name string, kept, _ map[string]*http.Cookie) {
		change(kept, name, "2"+kept[name].Value[1:])
	}),
	chunk("a count of cookies that somebody made up", "no error of the server, and nobody's session", func(p *probe) {
		alice := p.inPieces(6000)
		for _, count := range []string{"0~", "1~", "4~", "5~", "9~", "99999999~", "-1~", "~", "4~4~"} {
			p.with(p.about.Cookie, count+strings.Repeat("A", 4000)).anonymous()
			bad := p.with(p.about.Cookie, count)
			for i := range 10 {
				name := fmt.Sprintf("%s_%d", p.about.Cookie, i)
				bad.kept[name] = &http.Cookie{Name: name, Value: "A"}
			}
			bad.anonymous()
		}
		alice.holds(6000)
	}),
	chunk("cookies whose names merely look like those of pieces", "the session, and they stay", func(p *probe) {
		b := p.inPieces(6000)
		names := []string{"_0", "_4", "_9", "_01", "_1x", "_", "_1_1", ".1", "-1"}
		for _, more := range names {
			change(b.kept, p.about.Cookie+more, "theirs")
		}
		b.holds(6000)
		b.ok("/set?a=1")
		b.ok("/signout")
		for _, more := range names {
			require.Contains(p, b.kept, p.about.Cookie+more)
		}
	}),
	chunk("an older state under the same names beside a newer one", "the newer one", func(p *probe) {
		b := p.visitor("old")
		b.ok(large(6000))
		older := b.copy()
		p.wait(time.Second)
		b.ok("/set?who=new")
		for _, order := range [][]*browser{{older, b}, {b, older}} {
			line := order[0].header().Get("Cookie") + "; " + order[1].header().Get("Cookie")
			require.Equal(p, "new", p.line(line).Values["who"])
		}
	}, "clock"),
	chunk("garbage twins of several cookies", "the session", func(p *probe) {
		b := p.inPieces(6000)
		line := b.header().Get("Cookie")
		for _, name := range b.pieces() {
			require.Equal(p, "alice", p.line(name + "=garbage; " + line).Values["who"], name)
			require.Equal(p, "alice", p.line(line + "; " + name + "=" + strings.Repeat("A", len(b.kept[name].Value))).Values["who"], name)
		}
	}),
}
