package sealjar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// A browser sends several cookies of one name when another path or a parent domain has set one, in an order that proves nothing.
func TestOfSeveralCookiesTheNewestGoodOneCounts(t *testing.T) {
	shop, jar, v := start(t)
	const name = "__Host-session"
	older := v[name]
	shop.pass(time.Second)
	signIn(t, v, jar, "grace") // leaves and revokes the older one
	newer := v[name]
	shop.pass(time.Second)
	third := visitor{}
	signIn(t, third, jar, "edsger")
	newest := third[name]
	require.NoError(t, jar.EndAll(t.Context(), "edsger"))
	expired := visitor{}
	short := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Idle = time.Second })
	signIn(t, expired, short, "alan")
	shop.pass(time.Minute)
	away := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list{check: errors.New("away")} })

	for _, c := range []struct {
		name    string
		jar     *sealjar.Jar[basket]
		cookies []string
		want    string
		err     error
	}{
		{name: "good and garbage", cookies: []string{newer, "garbage"}, want: "grace"},
		{name: "garbage and good", cookies: []string{"garbage", "", newer}, want: "grace"},
		{name: "revoked and good", cookies: []string{older, newer}, want: "grace"},
		{name: "revoked newer one does not count", cookies: []string{newest, newer}, want: "grace"},
		{name: "expired and good", cookies: []string{expired[name], newer}, want: "grace"},
		{name: "twice the same", cookies: []string{newer, newer}, want: "grace"},
		{name: "quoted", cookies: []string{`"` + newer + `"`}, want: "grace"},
		{name: "empty", cookies: []string{""}, err: sealjar.ErrInvalid},
		{name: "expired says more than garbage", cookies: []string{"garbage", expired[name]}, err: sealjar.ErrExpired},
		{name: "revoked says more than expired", cookies: []string{expired[name], older, "garbage"}, err: sealjar.ErrRevoked},
		{name: "unavailable says most", jar: away, cookies: []string{expired[name], newer, "garbage"}, err: sealjar.ErrUnavailable},
		{name: "the fifth is not tried", cookies: []string{"a", "b", "c", "d", newer}, err: sealjar.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.jar == nil {
				c.jar = jar
			}
			r := visitor{}.request()
			for _, value := range c.cookies {
				r.Header.Add("Cookie", name+"="+value)
			}
			s, err := c.jar.Load(r)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, s.Subject())
		})
	}

	t.Run("in whichever order", func(t *testing.T) {
		list := &revocation.Memory{Now: shop.Now}
		jar := jarOf[basket](t, shop, func(o *sealjar.Options) { o.Revocation = list })
		for _, order := range [][]string{{newer, newest}, {newest, newer}} {
			r := &http.Request{Header: http.Header{"Cookie": {name + "=" + order[0] + "; other=1; " + name + "=" + order[1]}}}
			s, err := jar.Load(r)
			require.NoError(t, err)
			require.Equal(t, "edsger", s.Subject())
		}
	})
	t.Run("one answer gives one cookie", func(t *testing.T) {
		response := ask(visitor{name: newer}, jar, func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views++ })
		require.Len(t, response.Header["Set-Cookie"], 1)
	})
}

// What a response can address is deleted with the next cookie, and nothing else of the name.
func TestTwinsThatAResponseCanAddressAreDeleted(t *testing.T) {
	for _, c := range []struct {
		name   string
		cookie sealjar.Cookie
		want   []string // what follows Expires, of each deletion
	}{
		{"__Host-: there is no other", sealjar.Cookie{}, nil},
		{"for iframes: in the other partition", sealjar.Cookie{SameSite: http.SameSiteNoneMode}, []string{
			"; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
		}},
		{"partitioned: outside of it", sealjar.Cookie{Partitioned: true, SameSite: http.SameSiteNoneMode}, []string{
			"; Path=/; HttpOnly; Secure; SameSite=None",
		}},
		{"plain: there is no other", sealjar.Cookie{InsecureHTTP: true}, nil},
		{"a domain: of the host alone", sealjar.Cookie{InsecureHTTP: true, Domain: "example.com"}, []string{"; Path=/; HttpOnly; SameSite=Lax"}},
		{"a path: of the root", sealjar.Cookie{InsecureHTTP: true, Path: "/app"}, []string{"; Path=/; HttpOnly; SameSite=Lax"}},
		{"a domain and a path: each alone, and none", sealjar.Cookie{InsecureHTTP: true, Path: "/app", Domain: "example.com"}, []string{
			"; Path=/; HttpOnly; SameSite=Lax", "; Path=/app; HttpOnly; SameSite=Lax", "; Path=/; Domain=example.com; HttpOnly; SameSite=Lax",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := new(webEvents)
			jar := webJar(t, sealjar.Options{Cookie: c.cookie, Observe: events.Observe})
			sealed := webSealViews(t, jar, 7)
			name, _, _ := strings.Cut(sealed, "=")
			twins := name + "=x; " + sealed
			var deleted []string
			for _, attributes := range c.want {
				deleted = append(deleted, name+"=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"+attributes)
			}
			events.Take()
			require.Empty(t, webServe(jar, webRead, twins).Header["Set-Cookie"], "a page that only reads writes nothing")
			require.Equal(t, []sealjar.EventKind{sealjar.EventRefused, sealjar.EventTwins, sealjar.EventOpened}, events.Kinds())

			lines := webServe(jar, webCount, twins).Header["Set-Cookie"]
			require.Equal(t, deleted, append([]string(nil), lines[:len(lines)-1]...))
			require.Regexp(t, "^"+name+"=ey", lines[len(lines)-1], "ours is the last")
			require.Len(t, webServe(jar, webCount, sealed).Header["Set-Cookie"], 1, "without twins nothing is deleted")

			lines = webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) }, twins).Header["Set-Cookie"]
			require.Len(t, lines, len(deleted)+1)
			require.Subset(t, lines, deleted)
			for _, line := range lines {
				require.Regexp(t, "^"+name+"=; Max-Age=0", line)
			}
		})
	}
}

// An application that puts its cookie under a domain from today on gets rid of the one of yesterday in one request.
func TestTwinsAfterAChangeOfOptions(t *testing.T) {
	ring, clock := sealjartest.Ring(t), newWebClock()
	count := func(cookie sealjar.Cookie) http.Handler {
		jar := webJar(t, sealjar.Options{Keys: ring, Cookie: cookie, Now: clock.Now})
		return stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			s.Data.Views++
			_, _ = fmt.Fprint(w, s.Data.Views, " of ", len(r.Cookies()))
		}))
	}
	var handler http.Handler
	client, _ := sealjartest.Client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	visit := func() string {
		clock.Move(time.Second)
		response, err := client.Get("https://shop.example.com/app/")
		require.NoError(t, err)
		defer response.Body.Close()
		return webBody(t, response)
	}
	const name = "__Secure-shop"
	handler = count(sealjar.Cookie{Name: name, Path: "/app/"})
	require.Equal(t, "1 of 0", visit())
	require.Equal(t, "2 of 1", visit())
	handler = count(sealjar.Cookie{Name: name, Domain: "example.com", Path: "/app/"})
	require.Equal(t, "3 of 1", visit())
	require.Equal(t, "4 of 2", visit())
	require.Equal(t, "5 of 1", visit(), "the twin has gone")
	handler = count(sealjar.Cookie{Name: name, Domain: "example.com"})
	require.Equal(t, "6 of 1", visit())
	require.Equal(t, "7 of 2", visit())
	require.Equal(t, "8 of 2", visit(), "what has another path than those of the options is left until the session ends")
}

// Without a list, a sign-out must leave nothing behind that would sign in again: not what the options of an earlier day have set either.
func TestSignOutAfterAChangeOfOptions(t *testing.T) {
	const name = "__Secure-shop"
	for _, c := range []struct {
		before sealjar.Cookie
		after  sealjar.Cookie
	}{
		{sealjar.Cookie{Domain: "example.com"}, sealjar.Cookie{}},
		{sealjar.Cookie{Domain: "shop.example.com"}, sealjar.Cookie{}},
		{sealjar.Cookie{Domain: "example.com"}, sealjar.Cookie{Domain: "shop.example.com"}},
		{sealjar.Cookie{Path: "/app"}, sealjar.Cookie{}},
		{sealjar.Cookie{Path: "/app/"}, sealjar.Cookie{}},
		{sealjar.Cookie{Path: "/app/a"}, sealjar.Cookie{Path: "/app"}},
		{sealjar.Cookie{Path: "/app/a/b"}, sealjar.Cookie{}},
		{sealjar.Cookie{Path: "/app"}, sealjar.Cookie{Domain: "example.com"}},
		{sealjar.Cookie{Path: "/app", Domain: "example.com"}, sealjar.Cookie{}},
		{sealjar.Cookie{Path: "/app", Domain: "example.com"}, sealjar.Cookie{Domain: "shop.example.com"}},
		{sealjar.Cookie{Domain: "example.com"}, sealjar.Cookie{Path: "/app/a/"}},
		{sealjar.Cookie{Path: "/app"}, sealjar.Cookie{MaxChunks: 4}},
		{sealjar.Cookie{Domain: "example.com"}, sealjar.Cookie{Adjust: func(_ *http.Request, own sealjar.Cookie) sealjar.Cookie {
			own.Domain = "shop.example.com"
			return own
		}}},
	} {
		ring, clock := sealjartest.Ring(t), newWebClock()
		shop := func(cookie sealjar.Cookie) http.Handler {
			cookie.Name = name
			jar := webJar(t, sealjar.Options{Keys: ring, Cookie: cookie, Now: clock.Now})
			mux := http.NewServeMux()
			mux.HandleFunc("/a/b/in", func(_ http.ResponseWriter, r *http.Request) { _ = jar.From(r.Context()).SignIn(r.Context(), "alice") })
			mux.HandleFunc("/a/b/count", func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()).Data.Views++ })
			mux.HandleFunc("/a/b/out", func(_ http.ResponseWriter, r *http.Request) { _ = jar.From(r.Context()).End(r.Context()) })
			mux.HandleFunc("/a/b/who", func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "subject "+jar.From(r.Context()).Subject())
			})
			return http.StripPrefix("/app", stdmw.New(jar, stdmw.Options{})(mux))
		}
		var handler http.Handler
		client, _ := sealjartest.Client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
		visit := func(path string) string {
			clock.Move(time.Second)
			response, err := client.Get("https://shop.example.com/app/a/b" + path)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, http.StatusOK, response.StatusCode)
			return webBody(t, response)
		}
		handler = shop(c.before)
		visit("/in")
		handler = shop(c.after)
		visit("/count")
		require.Equal(t, "subject alice", visit("/who"))
		visit("/out")
		require.Equal(t, "subject ", visit("/who"), "%+v", c)
	}
}

// What a request says of itself is no place for more than some deletions, and of a name that is no domain there is none.
func TestTwinsOfHostileRequests(t *testing.T) {
	ring, clock := sealjartest.Ring(t), newWebClock()
	jar := webJar(t, sealjar.Options{Keys: ring, Cookie: sealjar.Cookie{Name: "sid"}, Now: clock.Now})
	twins := webSealViews(t, jar, 7)
	clock.Move(time.Second)
	twins += "; " + webSealViews(t, jar, 8)
	for target, host := range map[string]string{
		"/": "localhost", "/a;b/c": "127.0.0.1:80", "/%0d%0aSet-Cookie:x/y": "[::1]:80", "//": "a.example.com;x", "/a/b/c/d/e/f": "a.b.c.d.e.f.example.com",
		"/x" + strings.Repeat("/", 500): ".", "/" + strings.Repeat("a", 2000): "..", "*": "", "/?/a/b": strings.Repeat("a.", 200) + "com", "http://x/y/": "evil\r\n.com",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RequestURI, r.Host = target, host
		r.Header.Set("Cookie", twins)
		w := httptest.NewRecorder()
		stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			require.NoError(t, jar.From(r.Context()).End(t.Context()))
		})).ServeHTTP(w, r)
		lines := w.Header()["Set-Cookie"]
		require.NotEmpty(t, lines)
		require.LessOrEqual(t, len(strings.Join(lines, "Set-Cookie: \r\n")), 4<<10, target)
		for _, line := range lines {
			_, err := http.ParseSetCookie(line)
			require.NoError(t, err)
			require.NotRegexp(t, "[\r\n]|evil", line)
		}
	}
}
