package sealjar_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestVary(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	for name, test := range map[string]struct{ before, want []string }{
		"none":                   {nil, []string{"Cookie"}},
		"another field":          {[]string{"Accept"}, []string{"Accept, Cookie"}},
		"several":                {[]string{"Accept, Accept-Encoding"}, []string{"Accept, Accept-Encoding, Cookie"}},
		"several lines":          {[]string{"Accept", "Origin"}, []string{"Accept, Cookie", "Origin"}},
		"there already":          {[]string{"Cookie"}, []string{"Cookie"}},
		"in another case":        {[]string{"cOOKIE"}, []string{"cOOKIE"}},
		"between others":         {[]string{"Accept,Cookie,Origin"}, []string{"Accept,Cookie,Origin"}},
		"on a later line":        {[]string{"Accept", "Origin , Cookie"}, []string{"Accept", "Origin , Cookie"}},
		"everything":             {[]string{"*"}, []string{"*"}},
		"everything, later":      {[]string{"Accept", "Origin, *"}, []string{"Accept", "Origin, *"}},
		"a longer name":          {[]string{"Cookie2, X-Cookie"}, []string{"Cookie2, X-Cookie, Cookie"}},
		"a name with a wildcard": {[]string{"Accept*"}, []string{"Accept*, Cookie"}},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, do := range map[string]webSession{"changed": webCount, "read": webRead} {
				before := append([]string(nil), test.before...)
				header := webServe(jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
					if before != nil {
						w.Header()["Vary"] = before
					}
					do(w, s)
				}).Header
				require.Equal(t, test.want, header["Vary"], kind)
				require.Equal(t, test.before, before, "the handler may share its slice with other responses")
			}
		})
	}
}

// What a response with our cookie says to caches, and whether the handler had invited them.
func TestCacheControlOfResponseWithCookie(t *testing.T) {
	for name, test := range map[string]struct {
		before    http.Header
		want      []string
		overruled bool
	}{
		"nothing said":         {nil, []string{"no-store"}, false},
		"no-store":             {http.Header{"Cache-Control": {"no-store"}}, []string{"no-store"}, false},
		"in another case":      {http.Header{"Cache-Control": {"No-Store"}}, []string{"No-Store"}, false},
		"more than no-store":   {http.Header{"Cache-Control": {"private, no-store, max-age=0"}}, []string{"private, no-store, max-age=0"}, false},
		"on a second line":     {http.Header{"Cache-Control": {"private", "no-store"}}, []string{"private", "no-store"}, false},
		"no-cache":             {http.Header{"Cache-Control": {"no-cache"}}, []string{"no-store"}, false},
		"private":              {http.Header{"Cache-Control": {"private, max-age=60"}}, []string{"no-store"}, false},
		"a lifetime":           {http.Header{"Cache-Control": {"max-age=3600"}}, []string{"no-store"}, false},
		"no-transform":         {http.Header{"Cache-Control": {"private, no-transform"}}, []string{"no-store, no-transform"}, false},
		"both":                 {http.Header{"Cache-Control": {"no-transform, no-store"}}, []string{"no-transform, no-store"}, false},
		"quoted":               {http.Header{"Cache-Control": {`private="a, no-store, b"`}}, []string{"no-store"}, false},
		"with a value":         {http.Header{"Cache-Control": {"no-store=1"}}, []string{"no-store"}, false},
		"public":               {http.Header{"Cache-Control": {"public, max-age=3600"}}, []string{"no-store"}, true},
		"PUBLIC":               {http.Header{"Cache-Control": {"max-age=3600,PUBLIC"}}, []string{"no-store"}, true},
		"s-maxage":             {http.Header{"Cache-Control": {"s-maxage=3600"}}, []string{"no-store"}, true},
		"s-maxage with a gap":  {http.Header{"Cache-Control": {"s-maxage =3600"}}, []string{"no-store"}, true},
		"public and no-store":  {http.Header{"Cache-Control": {"no-store, public"}}, []string{"no-store"}, true},
		"public, no-transform": {http.Header{"Cache-Control": {"public, no-transform"}}, []string{"no-store, no-transform"}, true},
		"public, second line":  {http.Header{"Cache-Control": {"no-store", "public"}}, []string{"no-store"}, true},
		"must-understand":      {http.Header{"Cache-Control": {"must-understand, no-store, max-age=60"}}, []string{"no-store"}, true},
		"a name like public":   {http.Header{"Cache-Control": {"public-ish, no-store"}}, []string{"public-ish, no-store"}, false},
		"for delivery networks": {
			http.Header{"Cdn-Cache-Control": {"max-age=60"}, "Cloudflare-Cdn-Cache-Control": {"max-age=60"}},
			[]string{"no-store"},
			true,
		},
		"for surrogates": {
			http.Header{"Surrogate-Control": {"max-age=60"}, "Cache-Control": {"no-store"}}, []string{"no-store"}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			events := new(webEvents)
			jar := webJar(t, sealjar.Options{Observe: events.Observe})
			sealed := webSealViews(t, jar, 1)
			for kind, do := range map[string]webSession{
				"set":    webCount,
				"delete": func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) },
			} {
				events.Take()
				header := webServe(jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
					for name, lines := range test.before {
						w.Header()[name] = append([]string(nil), lines...)
					}
					do(w, s)
				}, sealed).Header
				require.Len(t, header["Set-Cookie"], 1)
				require.Equal(t, test.want, header["Cache-Control"], kind)
				for name := range header {
					require.False(t, strings.HasSuffix(name, "Cdn-Cache-Control") || name == "Surrogate-Control", name)
				}
				overruled := 0
				for _, event := range events.Take() {
					if event.Kind == sealjar.EventUncached {
						overruled++
						require.ErrorContains(t, event.Err, "sealjar: the handler allowed caches")
					}
				}
				require.Equal(t, test.overruled, overruled == 1, kind)
				require.LessOrEqual(t, overruled, 1)
			}
		})
	}
}

// A response that only read the session depends on the cookie and brings none: caches may do what the handler says.
func TestCachingOfResponseThatOnlyReads(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	for name, cookies := range map[string][]string{
		"a good session": {webSealViews(t, jar, 1)}, "a bad one": {"__Host-session=x"}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			header := webServe(jar, func(w http.ResponseWriter, _ *sealjar.Session[webState]) {
				w.Header().Set("Cache-Control", "public, max-age=60")
				w.Header().Set("CDN-Cache-Control", "max-age=60")
			}, cookies...).Header
			require.Equal(t, []string{"Cookie"}, header["Vary"])
			require.Equal(t, []string{"public, max-age=60"}, header["Cache-Control"])
			require.Equal(t, []string{"max-age=60"}, header["Cdn-Cache-Control"])
			require.Empty(t, header["Set-Cookie"])
			header = webServe(jar, webRead, cookies...).Header
			require.Empty(t, header["Cache-Control"])
		})
	}
}

func TestCachingOfResponseWithoutSession(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	for _, cookie := range []string{webSealViews(t, jar, 1), "__Host-session=x", ""} {
		header := webRespond(jar, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}, cookie).Header
		require.Empty(t, header)
	}
}
