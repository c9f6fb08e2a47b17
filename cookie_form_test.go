package sealjar_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestCookieRefused(t *testing.T) {
	ring := sealjartest.Ring(t)
	for name, test := range map[string]struct {
		cookie sealjar.Cookie
		field  string
	}{
		"a space in the name":       {sealjar.Cookie{Name: "my session"}, "Name"},
		"a semicolon in the name":   {sealjar.Cookie{Name: "session;"}, "Name"},
		"an equals sign in it":      {sealjar.Cookie{Name: "a=b"}, "Name"},
		"a line break in it":        {sealjar.Cookie{Name: "a\r\nSet-Cookie: b"}, "Name"},
		"a name that is not ASCII":  {sealjar.Cookie{Name: "sitzung-ä"}, "Name"},
		"a name of 65 characters":   {sealjar.Cookie{Name: strings.Repeat("n", 65)}, "Name"},
		"a relative path":           {sealjar.Cookie{Path: "app"}, "Path"},
		"a semicolon in the path":   {sealjar.Cookie{Path: "/; Domain=example.com"}, "Path"},
		"a line break in the path":  {sealjar.Cookie{Path: "/\r\nX: y"}, "Path"},
		"a path that is not ASCII":  {sealjar.Cookie{Path: "/ä"}, "Path"},
		"a path browsers drop":      {sealjar.Cookie{Path: "/" + strings.Repeat("p", 1024)}, "Path"},
		"a domain with a space":     {sealjar.Cookie{Domain: "example .com"}, "Domain"},
		"a domain with a semicolon": {sealjar.Cookie{Domain: "example.com; Path=/"}, "Domain"},
		"a domain with a port":      {sealjar.Cookie{Domain: "example.com:443"}, "Domain"},
		"an URL for a domain":       {sealjar.Cookie{Domain: "https://example.com"}, "Domain"},
		"an empty label":            {sealjar.Cookie{Domain: "example..com"}, "Domain"},
		"a dot alone":               {sealjar.Cookie{Domain: "."}, "Domain"},
		"a dot at the end":          {sealjar.Cookie{Domain: "example.com."}, "Domain"},
		"a hyphen at the end":       {sealjar.Cookie{Domain: "example.com-"}, "Domain"},
		"an IPv4 address":           {sealjar.Cookie{Domain: "192.0.2.1"}, "Domain"},
		"an IPv4 address and a dot": {sealjar.Cookie{Domain: ".192.0.2.1"}, "Domain"},
		"an IPv6 address":           {sealjar.Cookie{Domain: "2001:db8::1"}, "Domain"},
		"an IPv6 address in []":     {sealjar.Cookie{Domain: "[2001:db8::1]"}, "Domain"},
		"a single label":            {sealjar.Cookie{Domain: "localhost"}, "Domain"},
		"a top-level domain":        {sealjar.Cookie{Domain: ".com"}, "Domain"},
		"SameSiteDefaultMode":       {sealjar.Cookie{SameSite: http.SameSiteDefaultMode}, "SameSite"},
		"an unknown SameSite":       {sealjar.Cookie{SameSite: 9}, "SameSite"},
		"None over plain http":      {sealjar.Cookie{SameSite: http.SameSiteNoneMode, InsecureHTTP: true}, "SameSite"},
		"partitioned over http":     {sealjar.Cookie{Partitioned: true, InsecureHTTP: true}, "Partitioned"},
		"partitioned and lax":       {sealjar.Cookie{Partitioned: true}, "Partitioned"},
		"an unknown priority":       {sealjar.Cookie{Priority: "Highest"}, "Priority"},
		"a priority in small print": {sealjar.Cookie{Priority: "high"}, "Priority"},
		"more than a priority":      {sealjar.Cookie{Priority: "High; Domain=example.com"}, "Priority"},
		"a domain of hex":           {sealjar.Cookie{Domain: "0x7f.1"}, "Domain"},
		"a domain that ends in hex": {sealjar.Cookie{Domain: "example.0xFF"}, "Domain"},

		"__Host- with a path":             {sealjar.Cookie{Name: "__Host-a", Path: "/app"}, "Name"},
		"__Host- with a domain":           {sealjar.Cookie{Name: "__Host-a", Domain: "example.com"}, "Name"},
		"__Host- over http":               {sealjar.Cookie{Name: "__Host-a", InsecureHTTP: true}, "Name"},
		"__host- with a path":             {sealjar.Cookie{Name: "__host-a", Path: "/app"}, "Name"},
		"__HOST- over http":               {sealjar.Cookie{Name: "__HOST-a", InsecureHTTP: true}, "Name"},
		"__Secure- over http":             {sealjar.Cookie{Name: "__Secure-a", InsecureHTTP: true}, "Name"},
		"__sEcUrE- over http":             {sealjar.Cookie{Name: "__sEcUrE-a", InsecureHTTP: true}, "Name"},
		"__Http- over http":               {sealjar.Cookie{Name: "__Http-a", InsecureHTTP: true}, "Name"},
		"__Http- for scripts":             {sealjar.Cookie{Name: "__Http-a", InsecureScriptAccess: true}, "Name"},
		"__HTTP- for scripts":             {sealjar.Cookie{Name: "__HTTP-a", InsecureScriptAccess: true}, "Name"},
		"__Host-Http- for scripts":        {sealjar.Cookie{Name: "__Host-Http-a", InsecureScriptAccess: true}, "Name"},
		"__host-http- for scripts":        {sealjar.Cookie{Name: "__host-http-a", InsecureScriptAccess: true}, "Name"},
		"__Host-Http- with a path":        {sealjar.Cookie{Name: "__Host-Http-a", Path: "/app"}, "Name"},
		"__Host-Http- with a domain":      {sealjar.Cookie{Name: "__Host-Http-a", Domain: "example.com"}, "Name"},
		"__Host-Http- over http":          {sealjar.Cookie{Name: "__Host-Http-a", InsecureHTTP: true}, "Name"},
		"__Host-session by name and path": {sealjar.Cookie{Name: "__Host-session", Path: "//"}, "Name"},
	} {
		t.Run(name, func(t *testing.T) {
			jar, err := sealjar.New[webState](sealjar.Options{Keys: ring, Cookie: test.cookie})
			require.Nil(t, jar)
			require.ErrorContains(t, err, "sealjar: Options.Cookie."+test.field+": ")
		})
	}
}

// Each form with all of its Set-Cookie line behind the value, and the name that it gets.
func TestCookieAllowed(t *testing.T) {
	const none = http.SameSiteNoneMode
	for name, test := range map[string]struct {
		cookie sealjar.Cookie
		name   string
		rest   string
	}{
		"the zero value": {sealjar.Cookie{}, "__Host-session", "; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"a name": {
			sealjar.Cookie{Name: strings.Repeat("n", 64)}, strings.Repeat("n", 64), "; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		"a path": {sealjar.Cookie{Path: "/app"}, "__Secure-session", "; Path=/app; HttpOnly; Secure; SameSite=Lax"},
		"a domain": {
			sealjar.Cookie{Domain: "example.com"}, "__Secure-session", "; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax",
		},
		"a domain with a dot": {
			sealjar.Cookie{Domain: ".example.com"}, "__Secure-session", "; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax",
		},
		"a domain with digits": {
			sealjar.Cookie{Domain: "1.example.com"}, "__Secure-session", "; Path=/; Domain=1.example.com; HttpOnly; Secure; SameSite=Lax",
		},
		"strict": {
			sealjar.Cookie{SameSite: http.SameSiteStrictMode}, "__Host-session", "; Path=/; HttpOnly; Secure; SameSite=Strict",
		},
		"none": {sealjar.Cookie{SameSite: none}, "__Host-session", "; Path=/; HttpOnly; Secure; SameSite=None"},
		"in an iframe": {
			sealjar.Cookie{SameSite: none, Partitioned: true}, "__Host-session", "; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
		},
		"a priority": {
			sealjar.Cookie{Priority: "High"}, "__Host-session", "; Path=/; HttpOnly; Secure; SameSite=Lax; Priority=High",
		},
		"persistent": {
			sealjar.Cookie{Persistent: true}, "__Host-session", "; Max-Age=1800; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		"plain http":         {sealjar.Cookie{InsecureHTTP: true}, "session", "; Path=/; HttpOnly; SameSite=Lax"},
		"plain http, a path": {sealjar.Cookie{InsecureHTTP: true, Path: "/app"}, "session", "; Path=/app; HttpOnly; SameSite=Lax"},
		"for scripts":        {sealjar.Cookie{InsecureScriptAccess: true}, "__Host-session", "; Path=/; Secure; SameSite=Lax"},
		"__Http-": {
			sealjar.Cookie{Name: "__Http-a", Path: "/app"}, "__Http-a", "; Path=/app; HttpOnly; Secure; SameSite=Lax",
		},
		"__Host-Http-": {
			sealjar.Cookie{Name: "__Host-Http-a"}, "__Host-Http-a", "; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		"__host-":   {sealjar.Cookie{Name: "__host-a"}, "__host-a", "; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"__Secure-": {sealjar.Cookie{Name: "__Secure-a", Path: "/app"}, "__Secure-a", "; Path=/app; HttpOnly; Secure; SameSite=Lax"},
		"all at once": {
			sealjar.Cookie{
				Name: "a", Path: "/b", Domain: "example.com", SameSite: none, Partitioned: true, Persistent: true, InsecureScriptAccess: true,
				Priority: "Low",
			},
			"a", "; Max-Age=1800; Path=/b; Domain=example.com; Secure; SameSite=None; Partitioned; Priority=Low",
		},
	} {
		t.Run(name, func(t *testing.T) {
			jar := webJar(t, sealjar.Options{Cookie: test.cookie})
			lines := webServe(jar, webCount).Header["Set-Cookie"]
			require.Len(t, lines, 1)
			value, found := strings.CutPrefix(lines[0], test.name+"=")
			require.True(t, found, lines[0])
			value, found = strings.CutSuffix(value, test.rest)
			require.True(t, found, lines[0])
			require.Regexp(t, `^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`, value)

			// To delete it is to say the same again, with nothing to keep and no time to keep it.
			lines = webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, s.End(t.Context()))
			}, test.name+"="+value).Header["Set-Cookie"]
			rest := strings.TrimPrefix(test.rest, "; Max-Age=1800")
			require.Equal(t, []string{test.name + "=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT" + rest}, lines)
		})
	}
}

// A TLS connection may end at a proxy, and what a request says of that is anybody's word.
func TestCookieIsSecureWhateverTheRequestLooksLike(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	for _, address := range []string{"http://example.com/", "https://example.com/"} {
		for _, forwarded := range []string{"", "http", "https"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
			if forwarded != "" {
				r.Header.Set("X-Forwarded-Proto", forwarded)
				r.Header.Set("Forwarded", "proto="+forwarded)
			}
			w := newWebRecorder()
			s, err := jar.Load(r)
			require.ErrorIs(t, err, sealjar.ErrNone)
			s.Data.Views++
			require.NoError(t, jar.Save(w, s))
			require.Regexp(t, "^__Host-session=[^;]+; Path=/; HttpOnly; Secure; SameSite=Lax$", w.Header().Get("Set-Cookie"))
		}
	}
}
