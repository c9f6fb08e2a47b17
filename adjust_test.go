package sealjar_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// adjustServe is a request to a host.
func adjustServe(jar *sealjar.Jar[webState], host, cookie string, do webSession) *http.Response {
	r := newWebRequest(cookie)
	r.Host = host
	w := newWebRecorder()
	stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(w, jar.From(r.Context())) })).ServeHTTP(w, r)
	return w.Result()
}

// tenant gives each tenant the cookie of its own domain.
func tenant(r *http.Request, c sealjar.Cookie) sealjar.Cookie {
	_, c.Domain, _ = strings.Cut(r.Host, ".")
	if c.Domain == "embedded.example" {
		c.SameSite, c.Partitioned = http.SameSiteNoneMode, true
	}
	return c
}

func TestCookieByTenant(t *testing.T) {
	jar := webJar(t, sealjar.Options{Cookie: sealjar.Cookie{Name: "__Secure-shop", Adjust: tenant}})
	end := func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) }
	for host, attributes := range map[string]string{
		"www.one.example":      "; Path=/; Domain=one.example; HttpOnly; Secure; SameSite=Lax",
		"www.two.example":      "; Path=/; Domain=two.example; HttpOnly; Secure; SameSite=Lax",
		"www.embedded.example": "; Path=/; Domain=embedded.example; HttpOnly; Secure; SameSite=None; Partitioned",
	} {
		line := adjustServe(jar, host, "", webCount).Header.Get("Set-Cookie")
		require.True(t, strings.HasSuffix(line, attributes), line)
		cookie, _, _ := strings.Cut(line, ";")
		require.Empty(t, adjustServe(jar, host, cookie, webRead).Header["Set-Cookie"])
		require.Equal(t, []string{"__Secure-shop=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT" + attributes},
			adjustServe(jar, host, cookie, end).Header["Set-Cookie"], "the end has the same")
	}
}

// What other libraries call secure and sameSite "auto".
func TestCookieByTheRequestsTLS(t *testing.T) {
	jar := webJar(t, sealjar.Options{Cookie: sealjar.Cookie{
		Name: "session",
		Adjust: func(r *http.Request, c sealjar.Cookie) sealjar.Cookie {
			c.InsecureHTTP = r.TLS == nil
			if !c.InsecureHTTP {
				c.SameSite = http.SameSiteNoneMode
			}
			return c
		},
	}})
	for scheme, attributes := range map[string]string{
		"https": "; Path=/; HttpOnly; Secure; SameSite=None",
		"http":  "; Path=/; HttpOnly; SameSite=Lax",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://shop.example/", nil)
		session, _ := jar.Load(r)
		session.Data.Views++
		w := httptest.NewRecorder()
		require.NoError(t, jar.Save(w, session))
		line := w.Header().Get("Set-Cookie")
		require.True(t, strings.HasSuffix(line, attributes), line)
	}
}

func TestCookieAdjustedWronglyFailsClosed(t *testing.T) {
	for name, test := range map[string]struct {
		adjust func(*http.Request, sealjar.Cookie) sealjar.Cookie
		want   string
	}{
		"another name":       {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie { c.Name = "__Host-other"; return c }, "Name and MaxChunks must stay"},
		"nothing":            {func(*http.Request, sealjar.Cookie) sealjar.Cookie { return sealjar.Cookie{} }, "Name and MaxChunks must stay"},
		"more pieces":        {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie { c.MaxChunks = 4; return c }, "Name and MaxChunks must stay"},
		"against the prefix": {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie { c.Domain = "example.com"; return c }, "prefix"},
		"no domain":          {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie { c.Domain = "a;b"; return c }, "Domain"},
		"a forged attribute": {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie { c.Path = "/; Domain=evil"; return c }, "Path"},
		"no SameSite": {func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie {
			c.SameSite = http.SameSiteDefaultMode
			return c
		}, "SameSite"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := false
			events, clock := new(webEvents), newWebClock()
			jar := webJar(t, sealjar.Options{Observe: events.Observe, Now: clock.Now, Cookie: sealjar.Cookie{
				Adjust: func(r *http.Request, c sealjar.Cookie) sealjar.Cookie {
					if wrong {
						return test.adjust(r, c)
					}
					return c
				},
			}})
			sealed := webSealViews(t, jar, 7)
			wrong = true
			for i, do := range []webSession{
				webCount,
				func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) },
			} {
				events.Take()
				response := webServe(jar, do, sealed)
				require.Equal(t, http.StatusInternalServerError, response.StatusCode, "%d", i)
				require.Empty(t, response.Header["Set-Cookie"])
				told := events.Take()
				last := told[len(told)-1]
				require.Equal(t, sealjar.EventUnwritten, last.Kind)
				require.ErrorContains(t, last.Err, "Options.Cookie.Adjust")
				require.ErrorContains(t, last.Err, test.want)
			}
			require.Equal(t, http.StatusOK, webServe(jar, webRead, sealed).StatusCode, "a page that only reads does not ask")
			clock.Move(20 * time.Minute)
			response := webServe(jar, webRead, sealed)
			require.Equal(t, http.StatusOK, response.StatusCode, "a renewal that fails leaves the session as it is")
			require.Empty(t, response.Header["Set-Cookie"])
		})
	}
}

// The function gets the jar's own cookie with all defaults.
func TestCookieAdjustGetsTheDefaults(t *testing.T) {
	var got sealjar.Cookie
	jar := webJar(t, sealjar.Options{Cookie: sealjar.Cookie{Adjust: func(_ *http.Request, c sealjar.Cookie) sealjar.Cookie {
		got = c
		return c
	}}})
	webSealViews(t, jar, 1)
	got.Adjust = nil
	require.Equal(t, sealjar.Cookie{Name: "__Host-session", Path: "/", SameSite: http.SameSiteLaxMode}, got)
}
