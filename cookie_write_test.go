package sealjar_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestCookieMaxAge(t *testing.T) {
	remember := func(_ http.ResponseWriter, s *sealjar.Session[webState]) { _ = s.Remember(true) }
	for name, test := range map[string]struct {
		options sealjar.Options
		do      webSession
		maxAge  string // empty: until the browser closes
	}{
		"browser session":           {sealjar.Options{}, webCount, ""},
		"remembered":                {sealjar.Options{}, remember, "604800"},
		"remembered, own lifetimes": {sealjar.Options{RememberIdle: time.Hour, RememberAbsolute: 2 * time.Hour}, remember, "3600"},
		"persistent":                {sealjar.Options{Cookie: sealjar.Cookie{Persistent: true}}, webCount, "1800"},
		"persistent, remembered":    {sealjar.Options{Cookie: sealjar.Cookie{Persistent: true}}, remember, "604800"},
		"a broken second rounds up": {
			sealjar.Options{Idle: 1500 * time.Millisecond, Cookie: sealjar.Cookie{Persistent: true}}, webCount, "2",
		},
		"the longest": {
			sealjar.Options{RememberIdle: 400 * 24 * time.Hour, RememberAbsolute: 400 * 24 * time.Hour}, remember, "34560000",
		},
		"a lifetime of its own": {
			sealjar.Options{Cookie: sealjar.Cookie{Persistent: true}},
			func(_ http.ResponseWriter, s *sealjar.Session[webState]) { _ = s.SetLifetime(time.Minute) },
			"60",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines := webServe(webJar(t, test.options), test.do).Header["Set-Cookie"]
			require.Len(t, lines, 1)
			if test.maxAge == "" {
				require.NotContains(t, lines[0], "Max-Age")
			} else {
				require.Contains(t, lines[0], "; Max-Age="+test.maxAge+"; ")
			}
			require.NotContains(t, lines[0], "Expires")
		})
	}
}

// Max-Age counts from the response on, and never beyond the absolute end.
func TestCookieMaxAgeOfLiveSession(t *testing.T) {
	clock := newWebClock()
	jar := webJar(t, sealjar.Options{
		Now: clock.Now, Idle: time.Hour, Absolute: 100 * time.Minute, Cookie: sealjar.Cookie{Persistent: true},
	})
	sealed := webSealViews(t, jar, 1)
	for _, step := range []struct {
		move   time.Duration
		maxAge string
	}{
		{30 * time.Minute, "3600"},                            // idle starts anew
		{30 * time.Minute, "2400"},                            // 100 - 60 minutes are left
		{39*time.Minute + 59*time.Second, "1"},                // the last second
		{500 * time.Millisecond, "1"},                         // the last half, rounded up
		{500*time.Millisecond + 1*time.Second, "(no cookie)"}, // over: only the leeway still opens it
	} {
		clock.Move(step.move)
		lines := webServe(jar, webCount, sealed).Header["Set-Cookie"]
		if step.maxAge == "(no cookie)" {
			require.Empty(t, lines)
			continue
		}
		require.Len(t, lines, 1)
		require.Contains(t, lines[0], "; Max-Age="+step.maxAge+"; ")
		sealed, _, _ = strings.Cut(lines[0], ";")
	}
}

func TestCookieKeepsOtherSetCookieLines(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	const (
		ours  = "__Host-session="
		theme = "theme=dark; Path=/"
		like  = "__Host-session2=x; Path=/; Secure" // only begins with our name
		upper = "__HOST-SESSION=x; Path=/; Secure"  // cookie names have case
	)
	for name, test := range map[string]struct {
		before, want []string
	}{
		"none":              {nil, []string{ours}},
		"another":           {[]string{theme}, []string{theme, ours}},
		"several":           {[]string{theme, like, upper}, []string{theme, like, upper, ours}},
		"one of our name":   {[]string{ours + "forged; Path=/"}, []string{ours}},
		"two of our name":   {[]string{ours + "a", theme, ours + "b"}, []string{theme, ours}},
		"a deletion of it":  {[]string{ours + "; Max-Age=0", theme}, []string{theme, ours}},
		"our name in value": {[]string{"x=__Host-session=1"}, []string{"x=__Host-session=1", ours}},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, do := range map[string]struct {
				cookie string
				do     webSession
			}{
				"set":    {"", webCount},
				"delete": {"__Host-session=x", func(_ http.ResponseWriter, s *sealjar.Session[webState]) { _ = s.End(t.Context()) }},
			} {
				lines := webServe(jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
					for _, line := range test.before {
						w.Header().Add("Set-Cookie", line)
					}
					do.do(w, s)
				}, do.cookie).Header["Set-Cookie"]
				require.Len(t, lines, len(test.want), kind)
				for i, want := range test.want {
					if want == ours {
						require.True(t, strings.HasPrefix(lines[i], ours), lines[i])
						require.NotContains(t, lines[i], "forged")
						continue
					}
					require.Equal(t, want, lines[i], kind)
				}
			}
		})
	}
}

// A slice of lines that responses share must not carry the cookie of one to another.
func TestCookieLeavesSharedSetCookieLinesAlone(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	shared := append(make([]string, 0, 4), "theme=dark")
	webServe(jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
		w.Header()["Set-Cookie"] = shared
		s.Data.Views++
	})
	require.Equal(t, []string{"theme=dark", "", "", ""}, shared[:4])
}

// What is written once in a response is written once, also when a session without middleware is saved twice.
func TestCookieReplacesItsOwnLine(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	w := newWebRecorder()
	s, err := jar.Load(newWebRequest())
	require.ErrorIs(t, err, sealjar.ErrNone)
	for range 3 {
		s.Data.Views++
		require.NoError(t, jar.Save(w, s))
	}
	lines := w.Header()["Set-Cookie"]
	require.Len(t, lines, 1)
	pair, _, _ := strings.Cut(lines[0], ";")
	views, err := webViews(jar, pair)
	require.NoError(t, err)
	require.Equal(t, 3, views)
}

// setCookieGrammar is set-cookie-string of RFC 6265, section 4.1.1, with the attributes that came later.
var setCookieGrammar = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+=" + // token =
	`[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]*` + // cookie-octets, unquoted
	`(; (Expires=(Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT` +
	`|Max-Age=(0|[1-9]\d*)|Domain=[A-Za-z0-9.-]+|Path=/[\x20-\x3A\x3C-\x7E]*|Secure|HttpOnly|SameSite=(Lax|Strict|None)|Partitioned))*$`)

func TestCookieLinesKeepTheGrammar(t *testing.T) {
	ring := sealjartest.Ring(t)
	n := 0
	for _, path := range []string{"", "/app path"} {
		for _, domain := range []string{"", "example.com"} {
			for _, sameSite := range []http.SameSite{0, http.SameSiteStrictMode, http.SameSiteNoneMode} {
				for bits := range 16 {
					cookie := sealjar.Cookie{
						Path: path, Domain: domain, SameSite: sameSite,
						Partitioned: bits&1 > 0, Persistent: bits&2 > 0, InsecureHTTP: bits&4 > 0, InsecureScriptAccess: bits&8 > 0,
					}
					jar, err := sealjar.New[webState](sealjar.Options{Keys: ring, Cookie: cookie, Now: newWebClock().Now})
					if err != nil {
						none := sameSite == http.SameSiteNoneMode
						require.True(t, cookie.InsecureHTTP && (cookie.Partitioned || none) || cookie.Partitioned && !none, err)
						continue
					}
					n++
					checkSetCookie(t, jar, cookie)
				}
			}
		}
	}
	require.Equal(t, 4*3*8, n)
}

func checkSetCookie(t *testing.T, jar *sealjar.Jar[webState], want sealjar.Cookie) {
	t.Helper()
	set := webServe(jar, webCount).Header.Get("Set-Cookie")
	pair, _, _ := strings.Cut(set, ";")
	deleted := webServe(jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.NoError(t, s.End(t.Context()))
	}, pair).Header.Get("Set-Cookie")
	for _, line := range []string{set, deleted} {
		require.Regexp(t, setCookieGrammar, line)
		got, err := http.ParseSetCookie(line)
		require.NoError(t, err)
		require.Empty(t, got.Unparsed)
		require.False(t, got.Quoted)
		name := "__Host-session"
		switch {
		case want.InsecureHTTP:
			name = "session"
		case want.Path != "" || want.Domain != "":
			name = "__Secure-session"
		}
		require.Equal(t, name, got.Name)
		require.Equal(t, max(want.Path, "/"), got.Path)
		require.Equal(t, want.Domain, got.Domain)
		require.Equal(t, max(want.SameSite, http.SameSiteLaxMode), got.SameSite)
		require.Equal(t, !want.InsecureHTTP, got.Secure)
		require.Equal(t, !want.InsecureScriptAccess, got.HttpOnly)
		require.Equal(t, want.Partitioned, got.Partitioned)
		switch {
		case line == deleted:
			require.Equal(t, -1, got.MaxAge)
			require.Equal(t, time.Unix(0, 0).UTC(), got.Expires)
			require.Empty(t, got.Value)
		case want.Persistent:
			require.Equal(t, 1800, got.MaxAge)
		default:
			require.Zero(t, got.MaxAge)
			require.True(t, got.Expires.IsZero())
		}
	}
}
