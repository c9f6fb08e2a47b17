package sealjar_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

func TestStripCookies(t *testing.T) {
	one, four := webJar(t, sealjar.Options{}), chunkJar(t, 4)
	for _, c := range []struct {
		name       string
		jar        *sealjar.Jar[webState]
		have, want []string
	}{
		{"none", one, nil, nil},
		{"others alone, as they are", one, []string{"a=1;b=2 ;  c ; =; d=\"x\""}, []string{"a=1;b=2 ;  c ; =; d=\"x\""}},
		{"ours alone", one, []string{"__Host-session=x"}, nil},
		{"first", one, []string{"__Host-session=x; a=1; b=2"}, []string{"a=1; b=2"}},
		{"last", one, []string{"a=1; b=2; __Host-session=x"}, []string{"a=1; b=2"}},
		{"in between", one, []string{"a=1; __Host-session=x; b=2"}, []string{"a=1; b=2"}},
		{"twins", one, []string{"__Host-session=x; a=1; __Host-session=y;__Host-session=z"}, []string{"a=1"}},
		{"on lines of their own", one, []string{"a=1", "__Host-session=x", "b=2; __Host-session=y"}, []string{"a=1", "b=2"}},
		{"quoted, empty, without a value, with space", one, []string{`__Host-session="x"; __Host-session=; __Host-session; __Host-session =x; a=1`}, []string{"a=1"}},
		{"names like ours", one, []string{"x__Host-session=1; __Host-session2=2; __Host-session=x"}, []string{"x__Host-session=1; __Host-session2=2"}},
		{"pieces of a jar that has none", one, []string{"__Host-session_1=1; __Host-session=x"}, []string{"__Host-session_1=1"}},
		{"pieces", four, []string{"__Host-session=3~x; __Host-session_1=a; a=1; __Host-session_2=b; __Host-session_3=c"}, []string{"a=1"}},
		{"what is no piece", four, []string{"__Host-session_0=a; __Host-session_4=b; __Host-session_11=c"}, []string{"__Host-session_0=a; __Host-session_4=b; __Host-session_11=c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newWebRequest(c.have...)
			before := strings.Join(c.have, "\n")
			c.jar.StripCookies(r)
			require.Equal(t, c.want, r.Header["Cookie"])
			require.Equal(t, before, strings.Join(c.have, "\n"), "what the request shares with another is not touched")
			if c.want == nil {
				require.NotContains(t, r.Header, "Cookie")
			}
		})
	}
}

func TestStripCookiesAndTokens(t *testing.T) {
	bearer := webJar(t, sealjar.Options{Header: "Authorization"})
	own := webJar(t, sealjar.Options{Header: "X-Session"})
	r := newWebRequest()
	r.Header["Authorization"] = []string{"Bearer x", "Basic y"}
	r.Header["X-Session"] = []string{"z"}
	own.StripCookies(r)
	require.Equal(t, http.Header{"Authorization": {"Bearer x", "Basic y"}}, r.Header)
	bearer.StripCookies(r)
	require.Equal(t, http.Header{"Authorization": {"Basic y"}}, r.Header)
	bearer.StripCookies(r)
	require.Equal(t, http.Header{"Authorization": {"Basic y"}}, r.Header)
}

// Who comes after may take for a token what the jar does not: HTTP/2 lets the space through, and some split at any space.
func TestStripCookiesTakesTokensThatOthersWouldRead(t *testing.T) {
	jar := webJar(t, sealjar.Options{Header: "Authorization"})
	for line, stays := range map[string]bool{
		"Bearer x": false, "bearer": false, "Bearer\tx": false, " Bearer x": false, "\tBEARER \tx": false,
		"Bearers x": true, "Basic Bearer x": true, "": true,
	} {
		r := newWebRequest()
		r.Header["Authorization"] = []string{line}
		jar.StripCookies(r)
		require.Equal(t, stays, len(r.Header["Authorization"]) == 1, "%q", line)
	}
}

// A reverse proxy reads the session, and who is behind it never sees it.
func TestStripCookiesInAReverseProxy(t *testing.T) {
	var seen http.Header
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	defer upstream.Close()
	jar := chunkJar(t, 4)
	v := visitor{}
	chunkVisit(v, jar, chunkFill(5000))
	v["theme"] = "dark"
	target, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(pr *httputil.ProxyRequest) {
		jar.StripCookies(pr.Out)
		pr.SetURL(target)
		require.Equal(t, 1, jar.From(pr.In.Context()).Data.Views)
	}}
	w := newWebRecorder()
	stdmw.New(jar, stdmw.Options{})(proxy).ServeHTTP(w, v.request())
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"theme=dark"}, seen["Cookie"])
}

// FuzzStripCookies wants nothing of ours left, and nothing of others lost, whatever the line.
func FuzzStripCookies(f *testing.F) {
	jar := chunkJar(f, 4)
	for _, seed := range []string{"", ";", "a=1; __Host-session=x; b=2", "__Host-session=x;;;", " __Host-session_1 = x ;a", "__Host-session=\"a; b=c\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := newWebRequest(line)
		var others []string
		for _, c := range r.Cookies() {
			if name := c.Name; name != "__Host-session" && !strings.HasPrefix(name, "__Host-session_") {
				others = append(others, c.Name+"="+c.Value)
			}
		}
		jar.StripCookies(r)
		_, err := jar.Load(r)
		require.ErrorIs(t, err, sealjar.ErrNone)
		var left []string
		for _, c := range r.Cookies() {
			require.NotContains(t, []string{"__Host-session", "__Host-session_1", "__Host-session_2", "__Host-session_3"}, c.Name)
			if !strings.HasPrefix(c.Name, "__Host-session_") {
				left = append(left, c.Name+"="+c.Value)
			}
		}
		require.Equal(t, others, left)
	})
}
