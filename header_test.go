package sealjar_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// headerShop is a jar that reads tokens from a header.
func headerShop(t testing.TB, change ...func(*sealjar.Options)) (*shop, *sealjar.Jar[basket]) {
	t.Helper()
	shop := newShop(t)
	return shop, jarOf[basket](t, shop, append([]func(*sealjar.Options){func(o *sealjar.Options) { o.Header = "Authorization" }}, change...)...)
}

// headerAsk is a request with these header lines, name and value in turn.
func headerAsk(jar *sealjar.Jar[basket], do func(w http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]), lines ...string) *http.Response {
	r := newWebRequest()
	for i := 0; i < len(lines); i += 2 {
		r.Header.Add(lines[i], lines[i+1])
	}
	w := newWebRecorder()
	stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do(w, r, jar.From(r.Context()))
	})).ServeHTTP(w, r)
	return w.Result()
}

// headerToken signs ada in and returns her token.
func headerToken(t testing.TB, jar *sealjar.Jar[basket]) (text string) {
	t.Helper()
	response := headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
		var err error
		require.NoError(t, s.SignIn(r.Context(), "ada"))
		s.Data.Views = 7
		text, err = jar.Seal(s)
		require.NoError(t, err)
	})
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, response.Header["Set-Cookie"], "the token is the session")
	return text
}

func headerSubject(jar *sealjar.Jar[basket], lines ...string) (subject string, err error) {
	headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) {
		subject, err = s.Subject(), s.Err()
	}, lines...)
	return subject, err
}

func TestTokenInAHeader(t *testing.T) {
	_, jar := headerShop(t)
	named := jarOf[basket](t, newShop(t), func(o *sealjar.Options) { o.Header = "x-session-token" })
	token, own := headerToken(t, jar), headerToken(t, named)
	cookie := webSealBasket(t, jar, "grace")
	_, value, _ := strings.Cut(cookie, "=")
	for _, c := range []struct {
		name  string
		jar   *sealjar.Jar[basket]
		lines []string
		want  string
		err   error
	}{
		{"bearer", jar, []string{"Authorization", "Bearer " + token}, "ada", nil},
		{"another case, more space", jar, []string{"authorization", "bEARER   " + token}, "ada", nil},
		{"a cookie alone", jar, []string{"Cookie", cookie}, "grace", nil},
		{"both: the header counts", jar, []string{"Cookie", cookie, "Authorization", "Bearer " + token}, "ada", nil},
		{"both, and the header is bad: nobody", jar, []string{"Cookie", cookie, "Authorization", "Bearer x"}, "", sealjar.ErrInvalid},
		{"both, and the header is empty: nobody", jar, []string{"Cookie", cookie, "Authorization", "Bearer"}, "", sealjar.ErrInvalid},
		{"another scheme is somebody else's", jar, []string{"Cookie", cookie, "Authorization", "Basic eDp5"}, "grace", nil},
		{"another scheme and no cookie", jar, []string{"Authorization", "Basic eDp5"}, "", sealjar.ErrNone},
		{"twice: nobody", jar, []string{"Authorization", "Bearer " + token, "Authorization", "Bearer " + token}, "", sealjar.ErrInvalid},
		{"two schemes: nobody", jar, []string{"Authorization", "Bearer " + token, "Authorization", "Basic eDp5"}, "", sealjar.ErrInvalid},
		{"two tokens in one: nobody", jar, []string{"Authorization", "Bearer " + token + ", Bearer " + token}, "", sealjar.ErrInvalid},
		{"a cookie's token in the header refused", jar, []string{"Authorization", "Bearer " + value}, "", sealjar.ErrInvalid},
		{"a header's token in the cookie refused", jar, []string{"Cookie", "__Host-session=" + token}, "", sealjar.ErrInvalid},
		{"in a header of its own", named, []string{"X-Session-Token", own}, "ada", nil},
		{"in a header of its own, with a scheme: nobody", named, []string{"X-Session-Token", "Bearer " + own}, "", sealjar.ErrInvalid},
		{"in a header of its own, empty: nobody", named, []string{"X-Session-Token", ""}, "", sealjar.ErrInvalid},
		{"in a header of its own, twice: nobody", named, []string{"X-Session-Token", own, "X-Session-Token", own}, "", sealjar.ErrInvalid},
		{"bearer where another name is configured", named, []string{"Authorization", "Bearer " + own}, "", sealjar.ErrNone},
		{"nothing", jar, nil, "", sealjar.ErrNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			subject, err := headerSubject(c.jar, c.lines...)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, subject)
		})
	}
	plain := jarOf[basket](t, newShop(t))
	_, err := headerSubject(plain, "Authorization", "Bearer "+token)
	require.ErrorIs(t, err, sealjar.ErrNone, "a jar without Options.Header looks at no header")
}

func webSealBasket(t testing.TB, jar *sealjar.Jar[basket], subject string) string {
	t.Helper()
	response := headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(r.Context(), subject))
	})
	pair, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";")
	return pair
}

func TestAHeadersTokenNeverBecomesACookie(t *testing.T) {
	for _, renewed := range []string{"", "Session-Token"} {
		for name, do := range map[string]func(*sealjar.Jar[basket], *http.Request, *sealjar.Session[basket]) error{
			"reading": func(*sealjar.Jar[basket], *http.Request, *sealjar.Session[basket]) error { return nil },
			"a change": func(_ *sealjar.Jar[basket], _ *http.Request, s *sealjar.Session[basket]) error {
				s.Data.Views++
				return nil
			},
			"the end": func(_ *sealjar.Jar[basket], r *http.Request, s *sealjar.Session[basket]) error {
				return s.End(r.Context())
			},
			"a new id": func(_ *sealjar.Jar[basket], r *http.Request, s *sealjar.Session[basket]) error {
				return s.Renew(r.Context())
			},
			"another subject": func(_ *sealjar.Jar[basket], r *http.Request, s *sealjar.Session[basket]) error {
				return s.SignIn(r.Context(), "grace")
			},
			"a change, handed out": func(jar *sealjar.Jar[basket], _ *http.Request, s *sealjar.Session[basket]) error {
				s.Data.Views++
				_, err := jar.Seal(s)
				return err
			},
		} {
			for _, bad := range []bool{false, true} {
				shop, jar := headerShop(t, func(o *sealjar.Options) { o.RenewedHeader = renewed })
				token := headerToken(t, jar)
				cookie := webSealBasket(t, jar, "grace")
				shop.pass(20 * time.Minute)
				if bad {
					token = "x"
				}
				response := headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
					require.NoError(t, do(jar, r, s))
				}, "Authorization", "Bearer "+token, "Cookie", cookie)
				require.Empty(t, response.Header["Set-Cookie"], "%s, bad: %t", name, bad)
				require.Equal(t, "Cookie, Authorization", response.Header.Get("Vary"))
			}
		}
	}
}

func TestRenewedHeader(t *testing.T) {
	shop, jar := headerShop(t, func(o *sealjar.Options) { o.RenewedHeader = "session-token" })
	token := headerToken(t, jar)
	read := func(http.ResponseWriter, *http.Request, *sealjar.Session[basket]) {}
	require.Empty(t, headerAsk(jar, read, "Authorization", "Bearer "+token).Header.Get("Session-Token"), "not due")
	shop.pass(20 * time.Minute)
	response := headerAsk(jar, read, "Authorization", "Bearer "+token)
	renewed := response.Header.Get("Session-Token")
	require.NotEmpty(t, renewed)
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	shop.pass(20 * time.Minute)
	_, err := headerSubject(jar, "Authorization", "Bearer "+token)
	require.ErrorIs(t, err, sealjar.ErrExpired)
	response = headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
		require.Equal(t, 7, s.Data.Views)
		s.Data.Views++
	}, "Authorization", "Bearer "+renewed)
	response = headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
		require.Equal(t, 8, s.Data.Views)
		require.NoError(t, s.End(r.Context()))
	}, "Authorization", "Bearer "+response.Header.Get("Session-Token"))
	require.Empty(t, response.Header.Get("Session-Token"))
	_, err = headerSubject(jar, "Authorization", "Bearer "+renewed)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
}

// Without a place for the next token, a session is not renewed, and a change that would be lost is an error before it
// is too late.
func TestChangeWithoutAWayBack(t *testing.T) {
	shop, jar := headerShop(t)
	token := headerToken(t, jar)
	shop.pass(20 * time.Minute)
	shop.told("")
	read := headerAsk(jar, func(w http.ResponseWriter, _ *http.Request, _ *sealjar.Session[basket]) {
		_, _ = io.WriteString(w, "hello")
	},
		"Authorization", "Bearer "+token)
	require.Equal(t, http.StatusOK, read.StatusCode)
	require.Empty(t, shop.told(sealjar.EventUnwritten))
	changed := headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) { s.Data.Views++ },
		"Authorization", "Bearer "+token)
	require.Equal(t, http.StatusInternalServerError, changed.StatusCode)
	require.ErrorContains(t, shop.told(sealjar.EventUnwritten)[0].Err, "Options.RenewedHeader")
}

// A browser that asks for a token for something else keeps its cookie, and both end together.
func TestSealBesideACookie(t *testing.T) {
	_, jar := headerShop(t)
	cookie := webSealBasket(t, jar, "ada")
	var token string
	response := headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) {
		var err error
		s.Data.Views = 9
		token, err = jar.Seal(s)
		require.NoError(t, err)
	}, "Cookie", cookie)
	require.Len(t, response.Header["Set-Cookie"], 1, "the change")
	subject, err := headerSubject(jar, "Authorization", "Bearer "+token)
	require.NoError(t, err)
	require.Equal(t, "ada", subject)
	headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
		require.NoError(t, s.End(r.Context()))
	}, "Cookie", cookie)
	_, err = headerSubject(jar, "Authorization", "Bearer "+token)
	require.ErrorIs(t, err, sealjar.ErrRevoked)
}

func TestSealRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*shop, *sealjar.Options)
		do     func(*shop, *sealjar.Session[basket])
		want   string
	}{
		"no header is configured": {func(_ *shop, o *sealjar.Options) { o.Header = "" }, nil, "Options.Header"},
		"the jar only reads":      {func(_ *shop, o *sealjar.Options) { o.ReadOnly = true }, nil, "only reads"},
		"the list is away":        {func(_ *shop, o *sealjar.Options) { o.Revocation = list{check: io.EOF} }, nil, "unavailable"},
		"too large":               {nil, func(_ *shop, s *sealjar.Session[basket]) { s.Data.Owner.Name = strings.Repeat("x", 9000) }, "too large"},
		"over":                    {nil, func(shop *shop, _ *sealjar.Session[basket]) { shop.pass(day) }, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			shop, jar := headerShop(t)
			token := headerToken(t, jar)
			other := jarOf[basket](t, shop, func(o *sealjar.Options) {
				o.Header = "Authorization"
				if c.change != nil {
					c.change(shop, o)
				}
			})
			headerAsk(other, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) {
				if c.do != nil {
					c.do(shop, s)
				}
				text, err := other.Seal(s)
				require.ErrorContains(t, err, c.want)
				require.Empty(t, text)
			}, "Authorization", "Bearer "+token)
		})
	}
}

func TestHeaderOptionsRefused(t *testing.T) {
	ring := sealjartest.Ring(t)
	for _, o := range []sealjar.Options{
		{Header: "Cookie"},
		{Header: "a b"},
		{Header: "a:b"},
		{Header: "\xff"},
		{Header: "x", RenewedHeader: "set-cookie"},
		{Header: "x", RenewedHeader: "y\r\n"},
		{RenewedHeader: "x"},
		{Header: "host"},
		{Header: "Trailer"},
		{Header: "user-agent"},
		{Header: "Origin"},
		{Header: "Accept-Language"},
		{Header: "Sec-Fetch-Site"},
		{Header: "If-None-Match"},
		{Header: "x", RenewedHeader: "Content-Encoding"},
		{Header: "x", RenewedHeader: "Date"},
		{Header: "x", RenewedHeader: "Surrogate-Control"},
		{Header: "x", RenewedHeader: "Cloudflare-CDN-Cache-Control"},
	} {
		o.Keys = ring
		_, err := sealjar.New[basket](o)
		require.ErrorContains(t, err, "Header", fmt.Sprint(o.Header, o.RenewedHeader))
	}
}

func FuzzHeader(f *testing.F) {
	shop, jar := headerShop(f)
	token := headerToken(f, jar)
	for _, seed := range []string{"Bearer TOKEN", "bearer  TOKEN", "Bearer", "Bearer ", "Basic TOKEN", "TOKEN", "Bearer TOKEN TOKEN", "Bearer\tTOKEN", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := newWebRequest()
		r.Header["Authorization"] = []string{strings.ReplaceAll(line, "TOKEN", token)}
		s, err := jar.Load(r)
		if err != nil {
			require.Empty(t, s.Subject())
			return
		}
		require.Equal(t, "ada", s.Subject())
		require.True(t, strings.HasSuffix(r.Header.Get("Authorization"), " "+token))
		shop.told("")
	})
}

// A token that is over is no mistake of the handler's either: who comes with one is anonymous, as with a cookie.
func TestATokenThatIsOverFailsNoPage(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*testing.T, *shop, *sealjar.Jar[basket])
		err  error
	}{
		{"expired", func(_ *testing.T, shop *shop, _ *sealjar.Jar[basket]) { shop.pass(time.Hour) }, sealjar.ErrExpired},
		{"revoked", func(t *testing.T, _ *shop, jar *sealjar.Jar[basket]) {
			require.NoError(t, jar.EndAll(t.Context(), "ada"))
		}, sealjar.ErrRevoked},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop, jar := headerShop(t)
			token := headerToken(t, jar)
			c.end(t, shop, jar)
			shop.told("")
			response := headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) {
				require.ErrorIs(t, s.Err(), c.err)
				s.Data.Views++
			}, "Authorization", "Bearer "+token)
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Empty(t, response.Header["Set-Cookie"])
			events := shop.told(sealjar.EventUnwritten)
			require.Len(t, events, 1)
			require.ErrorIs(t, events[0].Err, c.err)

			response = headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
				shop.pass(2 * time.Minute) // after the cutoff
				require.NoError(t, s.SignIn(r.Context(), "ada"))
			}, "Authorization", "Bearer "+token)
			require.Equal(t, http.StatusInternalServerError, response.StatusCode, "a sign-in that leads nowhere is one")
		})
	}
}

// A stranger's header is no mistake of the handler's: the page is served, and the log does not shout.
func TestAStrangersHeaderFailsNoPage(t *testing.T) {
	shop, jar := headerShop(t)
	response := headerAsk(jar, func(_ http.ResponseWriter, _ *http.Request, s *sealjar.Session[basket]) { s.Data.Views++ },
		"Authorization", "Bearer x")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, response.Header["Set-Cookie"])
	events := shop.told(sealjar.EventUnwritten)
	require.Len(t, events, 1)
	require.ErrorIs(t, events[0].Err, sealjar.ErrInvalid)
}
