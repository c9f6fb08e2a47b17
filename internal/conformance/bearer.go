package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// app is a client that keeps a token by itself, and sends it in the header Authorization.
type app struct {
	p     *probe
	token string
}

const (
	inHeader = "header=Authorization&renewed=X-Session"
	oneWay   = "header=Authorization"
)

// app signs a user in by browser, and hands the token out.
func (p *probe) app(name string) (*app, *browser) {
	b := p.user(name)
	return b.app(), b
}

func (b *browser) app() *app {
	r := b.ok("/token")
	require.Equal(b.p, 1, r.words("Cache-Control")["no-store"])
	return (&app{p: b.p}).hand(r)
}

// hand takes the token out of the JSON of a response.
func (a *app) hand(r *reply) *app {
	var answer struct{ Token string }
	require.NoError(a.p, json.Unmarshal([]byte(r.body), &answer), r.body)
	require.NotEmpty(a.p, answer.Token)
	return &app{a.p, answer.Token}
}

func (a *app) header() http.Header { return http.Header{"Authorization": {"Bearer " + a.token}} }

// get never gets a cookie, and keeps the next token if there is one.
func (a *app) get(path string) *reply { return a.send(path, a.header()) }

func (a *app) send(path string, header http.Header) *reply {
	r := a.p.do(context.Background(), http.MethodGet, path, header)
	require.Empty(a.p, r.Header["Set-Cookie"], "a token never becomes a cookie")
	if next := r.Header.Get("X-Session"); next != "" {
		a.token = next
	}
	return r
}

func (a *app) ok(path string) *reply {
	r := a.get(path)
	require.Equal(a.p, http.StatusOK, r.StatusCode, "%s: %s", path, r.body)
	return r
}

func (a *app) read() shown { return a.p.shownTo(a.header()) }

// nobody requires that a header opens no session, and that nothing is set.
func (p *probe) nobody(header http.Header) {
	s := p.shownTo(header)
	require.Empty(p, s.Values)
	require.Empty(p, s.Subject)
}

func bearing(given, expect string, check func(p *probe, a *app, b *browser), needs ...string) Behaviour {
	return bearingWith(inHeader, given, expect, check, needs...)
}

func bearingWith(options, given, expect string, check func(p *probe, a *app, b *browser), needs ...string) Behaviour {
	return Behaviour{Given: given, Expect: expect, needs: append(needs, "bearer"), check: func(p *probe) {
		p.reset(options)
		a, b := p.app("alice")
		require.Equal(p, "alice", a.read().Subject)
		check(p, a, b)
	}}
}

var bearer = []Behaviour{
	bearing("a token from JSON in the header Authorization", "the session, with its id", func(p *probe, a *app, b *browser) {
		require.Equal(p, b.read(), a.read())
		require.Equal(p, http.StatusOK, a.get("/gate").StatusCode)
	}),
	bearing("a token of the scheme bearer in small letters", "the session", func(p *probe, a *app, _ *browser) {
		require.Equal(p, "alice", p.shownTo(http.Header{"Authorization": {"bearer " + a.token}}).Subject)
	}),
	bearing("a token in a header of the site's own name", "the session", func(p *probe, _ *app, _ *browser) {
		p.reset("header=X-Token")
		a, _ := p.app("alice")
		require.Equal(p, "alice", p.shownTo(http.Header{"X-Token": {a.token}}).Subject)
		p.nobody(a.header())
	}),
	bearing("a token in the header and a value that is set", "no cookie, and the next token in the response's header", func(p *probe, a *app, _ *browser) {
		before := a.token
		a.ok("/set?a=1")
		require.NotEqual(p, before, a.token)
		require.Equal(p, map[string]string{"who": "alice", "a": "1"}, a.read().Values)
	}),
	bearing("a token in the header and a page that only reads", "no cookie, and no next token", func(p *probe, a *app, _ *browser) {
		require.Empty(p, a.ok("/read").Header["X-Session"])
	}),
	bearing("a token in the header after half the idle time", "no cookie, and the next token in the response's header", func(p *probe, a *app, _ *browser) {
		p.wait(idle / 2)
		require.NotEmpty(p, a.ok("/read").Header["X-Session"])
		p.wait(idle - time.Minute)
		require.Equal(p, "alice", a.read().Subject)
	}, "clock"),
	bearing("a token in the header after more than the idle time", "an anonymous session", func(p *probe, a *app, _ *browser) {
		p.wait(idle + idle/2)
		p.nobody(a.header())
	}, "clock"),
	bearing("a token in the header and a sign-in", "no cookie, and the next token in the response's header", func(p *probe, a *app, _ *browser) {
		old := a.header()
		a.ok("/signin?subject=alice")
		require.Equal(p, "alice", a.read().Subject)
		p.nobody(old)
	}),
	bearing("a token in the header and a sign-out", "no cookie, and copies of the token are worth nothing", func(p *probe, a *app, _ *browser) {
		old := a.header()
		a.ok("/signout")
		p.nobody(old)
	}),
	bearing("a sign-out by cookie", "the token that was handed out is worth nothing", func(p *probe, a *app, b *browser) {
		b.ok("/signout")
		p.nobody(a.header())
	}),
	bearing("a sign-out everywhere", "tokens are worth nothing", func(p *probe, a *app, _ *browser) {
		p.user("alice").ok("/everywhere")
		p.nobody(a.header())
	}),
	bearing("a token that is handed out to a browser", "its cookie stays good", func(p *probe, a *app, b *browser) {
		a.ok("/set?a=1")
		require.Equal(p, "alice", b.read().Subject)
		require.NotContains(p, b.read().Values, "a")
	}, "apart"),
	bearing("a token that is handed out to a browser after half its idle time", "that its cookie is renewed as well", func(p *probe, _ *app, b *browser) {
		p.wait(idle / 2)
		r := b.ok("/token")
		b.session(r)
		require.Empty(p, r.Header["X-Session"])
		p.wait(idle - time.Minute)
		require.Equal(p, "alice", b.read().Subject)
	}, "clock"),
	bearing("a sign-in that hands out a token alone", "no cookie", func(p *probe, a *app, _ *browser) {
		a.ok("/signin?subject=alice")
		require.Equal(p, "alice", a.hand(a.ok("/token")).read().Subject)
	}),
	bearing("a page that reads its session and may get it in a header", "Vary names that header and Cookie, each once", func(p *probe, a *app, _ *browser) {
		words := a.ok("/read").words("Vary")
		require.Equal(p, 1, words["authorization"])
		require.Equal(p, 1, words["cookie"])
	}),
	bearing("a response with the next token", "that no shared cache keeps it", func(p *probe, a *app, _ *browser) { p.private(a.ok("/set?a=1")) }),
	bearingWith(oneWay, "a token, a value that is set, and no header for the next token", "a clean 500, and the token stays good", func(p *probe, a *app, _ *browser) {
		r := a.get("/set?a=1")
		require.Equal(p, http.StatusInternalServerError, r.StatusCode)
		require.NotContains(p, r.body, "ok")
		require.Equal(p, "alice", a.read().Subject)
	}),
	bearingWith(oneWay, "a token after half the idle time, and no header for the next one", "the session, and no error", func(p *probe, a *app, _ *browser) {
		p.wait(idle / 2)
		a.ok("/read")
		require.Equal(p, "alice", a.hand(a.ok("/token")).read().Subject)
	}, "clock"),
}

var badBearer = []Behaviour{
	bearing("a token as cookie", "an anonymous session", func(p *probe, a *app, _ *browser) { p.with(p.about.Cookie, a.token).anonymous() }),
	bearing("a cookie as token", "an anonymous session", func(p *probe, a *app, b *browser) {
		p.nobody((&app{p, b.value()}).header())
	}),
	bearing("a token in the query, or in a cookie or header of another name", "an anonymous session", func(p *probe, a *app, _ *browser) {
		for _, name := range []string{"token", "access_token", "Authorization", p.about.Cookie} {
			s := p.do(context.Background(), http.MethodGet, "/read?"+query(name, a.token), nil)
			require.NotContains(p, s.body, "alice")
			p.nobody(http.Header{"X-" + name: {a.token}, "Cookie": {name + "=" + a.token}})
		}
	}),
	bearing("a token with a character changed", "an anonymous session, and no cookie if a value is set", func(p *probe, a *app, _ *browser) {
		for _, bad := range []string{middle(a.token), flip(a.token, len(a.token)-1), a.token[:len(a.token)/2], a.token + "A", "garbage", ""} {
			p.nobody((&app{p, bad}).header())
		}
		bad := &app{p, middle(a.token)}
		require.Equal(p, http.StatusOK, bad.get("/set?a=1").StatusCode)
	}),
	bearing("a token and the cookie of somebody else", "the token alone counts, and the cookie stays", func(p *probe, a *app, _ *browser) {
		bob := p.user("bob")
		header := bob.header()
		header.Set("Authorization", "Bearer "+a.token)
		require.Equal(p, "alice", p.shownTo(header).Subject)
		a.send("/set?a=1", header)
		require.Equal(p, "bob", bob.read().Subject)
		require.NotContains(p, bob.read().Values, "a")
	}),
	bearing("a bad token and a good cookie", "an anonymous session, and the cookie stays", func(p *probe, a *app, b *browser) {
		header := b.header()
		header.Set("Authorization", "Bearer "+middle(a.token))
		p.nobody(header)
		a.send("/signout", header)
		require.Equal(p, "alice", b.read().Subject)
	}),
	bearing("another scheme in Authorization and a good cookie", "the cookie's session", func(p *probe, _ *app, b *browser) {
		for _, other := range []string{"Basic YTpi", "Bearerx y", "Digest a=1", ""} {
			header := b.header()
			header.Set("Authorization", other)
			require.Equal(p, "alice", p.shownTo(header).Subject, other)
		}
	}),
	bearing("two tokens", "an anonymous session, whichever they are", func(p *probe, a *app, _ *browser) {
		p.nobody(http.Header{"Authorization": {"Bearer " + a.token, "Bearer " + a.token}})
		p.nobody(http.Header{"Authorization": {"Bearer " + a.token + ", Bearer " + a.token}})
		p.nobody(http.Header{"Authorization": {"Bearer " + a.token, "Basic YTpi"}})
	}),
	bearing("a token of another installation", "an anonymous session", func(p *probe, a *app, _ *browser) {
		old := a.header()
		p.reset(inHeader)
		p.nobody(old)
		b, _ := p.app("bob")
		require.Equal(p, "bob", b.read().Subject)
	}),
	bearing("64 KiB of garbage as token", "no error of the server, and nobody's session", func(p *probe, a *app, _ *browser) {
		r := p.do(context.Background(), http.MethodGet, "/read", http.Header{"Authorization": {"Bearer " + strings.Repeat("g", 64<<10)}})
		require.Less(p, r.StatusCode, http.StatusInternalServerError)
		require.NotContains(p, r.body, "alice")
		require.Equal(p, "alice", a.read().Subject)
	}),
	bearing("a closed gate and no token", "401, and a challenge of the scheme Bearer without an error", func(p *probe, _ *app, _ *browser) {
		require.NotContains(p, p.challenge(nil), "error")
	}),
	bearing("a closed gate and a token that is refused", "401, and the challenge says invalid_token and not why", func(p *probe, a *app, _ *browser) {
		forged := (&app{p, middle(a.token)}).header()
		require.Contains(p, p.challenge(forged), `error="invalid_token"`)
		old := a.header()
		a.ok("/signout")
		require.Equal(p, p.challenge(forged), p.challenge(old))
	}),
}

// challenge requires that the gate stays closed, and returns what it says of how to open it.
func (p *probe) challenge(header http.Header) string {
	r := p.do(context.Background(), http.MethodGet, "/gate", header)
	require.Equal(p, http.StatusUnauthorized, r.StatusCode)
	lines := r.Header.Values("WWW-Authenticate")
	require.Len(p, lines, 1)
	require.Regexp(p, `^Bearer \S`, lines[0])
	return lines[0]
}
