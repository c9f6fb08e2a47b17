package sealjar_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// In the headers of these tests TOKEN stands for a good token of a session with 7 views.
func TestCookieHeaderAccepted(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	_, token, _ := strings.Cut(webSealViews(t, jar, 7), "=")
	for name, lines := range map[string][]string{
		"alone":                         {"__Host-session=TOKEN"},
		"quoted":                        {`__Host-session="TOKEN"`},
		"first":                         {"__Host-session=TOKEN; theme=dark"},
		"last":                          {"theme=dark; __Host-session=TOKEN"},
		"without space":                 {"a=b;__Host-session=TOKEN;c=d"},
		"with more space":               {"a=b;  \t __Host-session=TOKEN \t ;c=d"},
		"with a semicolon at the end":   {"__Host-session=TOKEN;"},
		"after empty pairs":             {";;; ;=;__Host-session=TOKEN"},
		"on a line of its own (HTTP/2)": {"theme=dark", "__Host-session=TOKEN"},
		"after a longer name":           {"__Host-session2=x; x__Host-session=y; __Host-session=TOKEN"},
		"after another case":            {"__HOST-SESSION=x; __host-session=y; __Host-session=TOKEN"},
		"after a name without a value":  {"__Host-session; __Host-session=TOKEN"},
		"after three bad ones":          {"__Host-session=; __Host-session=x; __Host-session=a.b.c.d.e; __Host-session=TOKEN"},
		"before many":                   {"__Host-session=TOKEN" + strings.Repeat("; __Host-session=x", 50)},
		"after many of other names":     {strings.Repeat("other=x; ", 500) + "__Host-session=TOKEN"},
		"after bytes that are no text":  {"\x00\xff=\x80; __Host-session=TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range lines {
				lines[i] = strings.ReplaceAll(lines[i], "TOKEN", token)
			}
			views, err := webViews(jar, lines...)
			require.NoError(t, err)
			require.Equal(t, 7, views)
		})
	}
}

func TestCookieHeaderRefused(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	_, token, _ := strings.Cut(webSealViews(t, jar, 7), "=")
	none, invalid := sealjar.ErrNone, sealjar.ErrInvalid
	for name, test := range map[string]struct {
		line string
		want error
	}{
		"no cookie":                    {"theme=dark", none},
		"an empty header":              {"", none},
		"only semicolons":              {";;;;", none},
		"the name alone":               {"__Host-session", none},
		"a longer name":                {"__Host-session2=TOKEN", none},
		"a longer name in front":       {"x__Host-session=TOKEN", none},
		"another case":                 {"__host-session=TOKEN", none},
		"a space before =":             {"__Host-session =TOKEN", none},
		"a comma is not a separator":   {"theme=dark, __Host-session=TOKEN", none},
		"inside of another value":      {"theme=__Host-session=TOKEN", none},
		"a name with a NUL":            {"__Host-session\x00=TOKEN", none},
		"a space after =":              {"__Host-session= TOKEN", invalid},
		"no value":                     {"__Host-session=", invalid},
		"quotes alone":                 {`__Host-session=""`, invalid},
		"one quote":                    {`__Host-session="`, invalid},
		"a quote in front":             {`__Host-session="TOKEN`, invalid},
		"a quote behind":               {`__Host-session=TOKEN"`, invalid},
		"a quote and a letter":         {`__Host-session="TOKENx`, invalid},
		"a letter and a quote":         {`__Host-session=xTOKEN"`, invalid},
		"two pairs of quotes":          {`__Host-session=""TOKEN""`, invalid},
		"two values":                   {"__Host-session=TOKEN,TOKEN", invalid},
		"two equals signs":             {"__Host-session==TOKEN", invalid},
		"percent encoded":              {"__Host-session=TOKEN%3D", invalid},
		"padding":                      {"__Host-session=TOKEN=", invalid},
		"a long value":                 {"__Host-session=" + strings.Repeat("a", 1<<20), invalid},
		"as the fifth of the name":     {strings.Repeat("__Host-session=x; ", 4) + "__Host-session=TOKEN", invalid},
		"as the fifth, empty ones too": {strings.Repeat("__Host-session=; ", 4) + "__Host-session=TOKEN", invalid},
	} {
		t.Run(name, func(t *testing.T) {
			views, err := webViews(jar, strings.ReplaceAll(test.line, "TOKEN", token))
			require.ErrorIs(t, err, test.want)
			require.Zero(t, views)
		})
	}
}

// A cookie with a name like ours neither makes nor ends a session, and none of ours is deleted for it.
func TestCookieOfLikeNameHasNoEffect(t *testing.T) {
	jar := webJar(t, sealjar.Options{})
	end := func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) }
	require.Empty(t, webServe(jar, end, "__Host-session2=x; __host-session=x").Header["Set-Cookie"])
	require.Len(t, webServe(jar, end, "__Host-session=x").Header["Set-Cookie"], 1)
}

// A browser sends twins when somebody has set a cookie of our name for another path or a parent domain.
func TestCookieTwinsNewestGoodWins(t *testing.T) {
	clock := newWebClock()
	jar := webJar(t, sealjar.Options{Now: clock.Now, Idle: time.Hour})
	var sealed []string // with 0, 1, 2, … views
	for views := range 5 {
		sealed = append(sealed, webSeal(t, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
			s.Data = webState{Views: views, Text: "x"}
		}))
		clock.Move(time.Minute)
	}
	for name, test := range map[string]struct {
		order []int
		want  int
	}{
		"newest first":       {[]int{3, 2, 1, 0}, 3},
		"newest last":        {[]int{0, 1, 2, 3}, 3},
		"newest in between":  {[]int{1, 3, 0, 2}, 3},
		"the same twice":     {[]int{2, 2}, 2},
		"the fifth is newer": {[]int{0, 1, 2, 3, 4}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var twins []string
			for _, i := range test.order {
				twins = append(twins, sealed[i])
			}
			for _, lines := range [][]string{{strings.Join(twins, "; ")}, twins} {
				views, err := webViews(jar, lines...)
				require.NoError(t, err)
				require.Equal(t, test.want, views)
			}
		})
	}

	// The first of them expires, and the newest that is left counts.
	late := webSealViews(t, jar, 9) // at minute 5
	clock.Move(58 * time.Minute)
	views, err := webViews(jar, sealed[0], late, sealed[1])
	require.NoError(t, err)
	require.Equal(t, 9, views, "the first two have expired")
	clock.Move(time.Hour)
	_, err = webViews(jar, "__Host-session=x", sealed[0], late)
	require.ErrorIs(t, err, sealjar.ErrExpired, "says more than that one of them was no token")
}

// FuzzCookieHeader sends any header: no panic, no cost, and no session unless its token is there.
func FuzzCookieHeader(f *testing.F) {
	jar := webJar(f, sealjar.Options{})
	_, token, _ := strings.Cut(webSealViews(f, jar, 7), "=")
	for _, seed := range []string{
		"", ";", "=", "__Host-session", "__Host-session=", "__Host-session=TOKEN", `__Host-session="TOKEN"`, `__Host-session="`,
		"a=b; __Host-session=TOKEN; c=d", "__Host-session=x; __Host-session=TOKEN", "\x00;\xff=\x80;\t", "__Host-session=....",
		"__Host-session=TOKEN; __Host-session=TOKEN; __Host-session=TOKEN; __Host-session=TOKEN; __Host-session=TOKEN",
		"__Host-session2=TOKEN", "__Host-session=TOKENTOKEN", "a\n__Host-session=TOKEN", strings.Repeat("__Host-session=a.;", 100),
		"__Host-session=eyJhbGciOiJub25lIn0..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		lines := strings.Split(strings.ReplaceAll(header, "TOKEN", token), "\n")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := jar.Load(newWebRequest(lines...))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
		require.Equal(t, s.Err(), err)
		if err != nil {
			require.Zero(t, s.Data)
			require.True(t, s.IsNew())
			return
		}
		require.Contains(t, header, "TOKEN")
		require.Equal(t, webState{Views: 7}, s.Data)
		require.False(t, s.IsNew())
	})
}
