package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// browser keeps cookies as browsers do, as far as the suite can tell: by name, until they are deleted or have expired.
type browser struct {
	p    *probe
	kept map[string]*http.Cookie
}

func (p *probe) browser() *browser { return &browser{p: p, kept: make(map[string]*http.Cookie)} }

// visitor is a browser whose session holds who=name.
func (p *probe) visitor(name string) *browser {
	b := p.browser()
	b.ok("/set?who=" + name)
	require.Equal(p, name, b.read().Values["who"], "a session that was begun can be read")
	return b
}

// user is a visitor who is signed in.
func (p *probe) user(name string) *browser {
	b := p.visitor(name)
	b.ok("/signin?subject=" + name)
	require.Equal(p, name, b.read().Subject)
	return b
}

// copy is what a thief has: the cookies as they are now.
func (b *browser) copy() *browser {
	other := b.p.browser()
	for name, c := range b.kept {
		other.kept[name] = c
	}
	return other
}

// with is a browser that has but one cookie of this name and value.
func (p *probe) with(name, value string) *browser {
	b := p.browser()
	b.kept[name] = &http.Cookie{Name: name, Value: value}
	return b
}

// value is the session's cookie, empty if there is none.
func (b *browser) value() string {
	if c := b.kept[b.p.about.Cookie]; c != nil {
		return c.Value
	}
	return ""
}

func (b *browser) header() http.Header {
	var pairs []string
	for name, c := range b.kept {
		if c.Expires.IsZero() || b.p.now().Before(c.Expires) {
			pairs = append(pairs, name+"="+c.Value)
		}
	}
	if len(pairs) == 0 {
		return http.Header{}
	}
	return http.Header{"Cookie": {strings.Join(pairs, "; ")}}
}

// take keeps the cookies of a response. Expires of those that it keeps is by the site's clock.
func (b *browser) take(r *http.Response) {
	for _, c := range r.Cookies() {
		switch {
		case c.MaxAge > 0:
			c.Expires = b.p.now().Add(time.Duration(c.MaxAge) * time.Second)
		case c.MaxAge < 0 || !c.Expires.IsZero() && !b.p.now().Before(c.Expires):
			delete(b.kept, c.Name)
			continue
		}
		b.kept[c.Name] = c
	}
}

// get is a request with what the browser keeps.
func (b *browser) get(path string) *reply { return b.ask(http.MethodGet, path) }

func (b *browser) ask(method, path string) *reply {
	r := b.p.do(context.Background(), method, path, b.header())
	b.take(r.Response)
	return r
}

// ok is a get that must succeed.
func (b *browser) ok(path string) *reply {
	r := b.get(path)
	require.Equal(b.p, http.StatusOK, r.StatusCode, "%s: %s", path, r.body)
	return r
}

// shown is what the site says of a session.
type shown struct {
	Values  map[string]string `json:"values"`
	Subject string            `json:"subject"`
	ID      string            `json:"id"`
}

func (b *browser) read() shown { return b.look("/read") }

func (b *browser) look(path string) shown {
	var s shown
	r := b.ok(path)
	require.NoError(b.p, json.Unmarshal([]byte(r.body), &s), r.body)
	return s
}

func (b *browser) flashes() (texts []string) {
	r := b.ok("/flashes")
	require.NoError(b.p, json.Unmarshal([]byte(r.body), &texts), r.body)
	return texts
}

// session is the one cookie of the session that r sets.
func (b *browser) session(r *reply) *http.Cookie {
	found := r.cookies(b.p.about.Cookie)
	require.Len(b.p, found, 1, "the session's cookie is set once: %q", r.Header["Set-Cookie"])
	return found[0]
}

// none requires that r sets no cookie of the session.
func (b *browser) none(r *reply) {
	require.Empty(b.p, r.cookies(b.p.about.Cookie), "no cookie of the session is set: %q", r.Header["Set-Cookie"])
}

// anonymous requires that the browser has no session that the site accepts.
func (b *browser) anonymous() {
	s := b.read()
	require.Empty(b.p, s.Values, "no values")
	require.Empty(b.p, s.Subject, "nobody")
}

// has requires that the session holds who=name.
func (b *browser) has(name string) {
	require.Equal(b.p, name, b.read().Values["who"])
}

func query(key, value string) string { return url.QueryEscape(key) + "=" + url.QueryEscape(value) }
