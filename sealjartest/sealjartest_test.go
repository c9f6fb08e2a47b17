package sealjartest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

type state struct {
	Views int    `json:"views"`
	Text  string `json:"text,omitempty"`
}

func newJar(t testing.TB, options sealjar.Options) *sealjar.Jar[state] {
	t.Helper()
	options.Keys = sealjartest.Ring(t)
	jar, err := sealjar.New[state](options)
	require.NoError(t, err)
	return jar
}

// failing records a Fatal and goes on to the end of its goroutine, as a test does.
type failing struct {
	testing.TB
	text string
}

func (f *failing) Helper() {}

func (f *failing) Fatal(args ...any) {
	f.text = fmt.Sprint(args...)
	runtime.Goexit()
}

// fails runs a helper and returns with what words it has failed the test.
func fails(t *testing.T, helper func(testing.TB)) string {
	t.Helper()
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() { defer close(done); helper(f) }()
	<-done
	return f.text
}

func TestRing(t *testing.T) {
	one, other := sealjartest.Ring(t), sealjartest.Ring(t)
	require.Len(t, one.Keys(), 1)
	require.NotEqual(t, one.Keys()[0].ID(), other.Keys()[0].ID())
	for _, now := range []time.Time{time.Unix(0, 0), time.Now(), time.Now().AddDate(100, 0, 0)} {
		require.NotNil(t, one.Sealing(now))
		require.False(t, one.Keys()[0].Expired(now))
	}
}

func TestWithSession(t *testing.T) {
	jar := newJar(t, sealjar.Options{})
	load := func(r *http.Request) (*sealjar.Session[state], error) { return jar.Load(r) }
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: "theme", Value: "dark"})
		return r
	}

	r := request()
	require.Same(t, r, sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) {
		require.True(t, s.IsNew())
		require.NoError(t, s.SignIn(t.Context(), "alice"))
		s.Data.Views = 7
	}))
	s, err := load(r)
	require.NoError(t, err)
	require.Equal(t, "alice", s.Subject())
	require.Equal(t, 7, s.Data.Views)
	require.Equal(t, "theme=dark", r.Header.Get("Cookie")[:len("theme=dark")], "others stay")

	// A second time goes on from the first, and no twin is left.
	sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) {
		require.Equal(t, "alice", s.Subject())
		s.Data.Views++
	})
	s, err = load(r)
	require.NoError(t, err)
	require.Equal(t, 8, s.Data.Views)
	require.Equal(t, 1, strings.Count(r.Header.Get("Cookie"), "__Host-session="))

	// What changes nothing leaves the cookies as they are.
	before := r.Header.Get("Cookie")
	sealjartest.WithSession(t, jar, r, func(*sealjar.Session[state]) {})
	require.Equal(t, before, r.Header.Get("Cookie"))
	empty := sealjartest.WithSession(t, jar, request(), func(*sealjar.Session[state]) {})
	require.Equal(t, "theme=dark", empty.Header.Get("Cookie"))

	// An ended one is gone.
	sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) { require.NoError(t, s.End(t.Context())) })
	_, err = load(r)
	require.ErrorIs(t, err, sealjar.ErrNone)
	require.Equal(t, "theme=dark", r.Header.Get("Cookie"))
}

// Browsers send cookies that net/http can't parse, and an application may read them from the header.
func TestWithSessionLeavesOtherCookies(t *testing.T) {
	jar := newJar(t, sealjar.Options{})
	const others = `prefs={"a": "b, c"}; naïve=1;  flag; __Host-sessions=2; theme="dark";x=__Host-session=3`
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Cookie"] = []string{others, "__Host-session=old; a=1", "b=2; __Host-session=older", "__Host-session=oldest"}
	sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) { s.Data.Views = 7 })
	require.True(t, strings.HasPrefix(r.Header["Cookie"][0], others+"; __Host-session="), r.Header["Cookie"][0])
	require.Equal(t, []string{"a=1", "b=2"}, r.Header["Cookie"][1:])
	s, err := jar.Load(r)
	require.NoError(t, err)
	require.Equal(t, 7, s.Data.Views)

	sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) { require.NoError(t, s.End(t.Context())) })
	require.Equal(t, []string{others, "a=1", "b=2"}, r.Header["Cookie"])
}

func TestWithSessionOfSeveralJars(t *testing.T) {
	user := newJar(t, sealjar.Options{})
	cart := newJar(t, sealjar.Options{Cookie: sealjar.Cookie{Name: "__Host-cart"}})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	sealjartest.WithSession(t, user, r, func(s *sealjar.Session[state]) { s.Data.Views = 1 })
	sealjartest.WithSession(t, cart, r, func(s *sealjar.Session[state]) { s.Data.Views = 2 })
	for want, jar := range map[int]*sealjar.Jar[state]{1: user, 2: cart} {
		s, err := jar.Load(r)
		require.NoError(t, err)
		require.Equal(t, want, s.Data.Views)
	}
}

func TestWithSessionFailsTheTest(t *testing.T) {
	jar := newJar(t, sealjar.Options{})
	text := fails(t, func(tb testing.TB) {
		sealjartest.WithSession(tb, jar, httptest.NewRequest(http.MethodGet, "/", nil), func(s *sealjar.Session[state]) {
			s.Data.Text = strings.Repeat("x", 5000)
		})
	})
	require.Contains(t, text, sealjar.ErrTooLarge.Error())
}

func TestSessionOf(t *testing.T) {
	jar := newJar(t, sealjar.Options{Revocation: new(revocation.Memory)})
	respond := func(r *http.Request, do func(*sealjar.Session[state])) *http.Response {
		w := httptest.NewRecorder()
		stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
			do(jar.From(r.Context()))
		})).ServeHTTP(w, r)
		return w.Result()
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)

	s := sealjartest.SessionOf(t, jar, respond(r, func(s *sealjar.Session[state]) {
		require.NoError(t, s.SignIn(t.Context(), "alice"))
		require.NoError(t, s.AddFlash("info", "hello"))
		s.Data.Views = 7
	}))
	require.NoError(t, s.Err())
	require.Equal(t, "alice", s.Subject())
	require.Equal(t, 7, s.Data.Views)
	require.Equal(t, []sealjar.Flash{{Kind: "info", Text: "hello"}}, s.Flashes())

	s = sealjartest.SessionOf(t, jar, respond(r, func(*sealjar.Session[state]) {}))
	require.ErrorIs(t, s.Err(), sealjar.ErrNone)
	sealjartest.WithSession(t, jar, r, func(s *sealjar.Session[state]) { s.Data.Views = 7 })
	s = sealjartest.SessionOf(t, jar, respond(r, func(s *sealjar.Session[state]) { require.NoError(t, s.End(t.Context())) }))
	require.ErrorIs(t, s.Err(), sealjar.ErrNone, "the cookie was deleted")
}

func TestClient(t *testing.T) {
	for name, cookie := range map[string]sealjar.Cookie{"default": {}, "with a domain": {Domain: "example.com"}} {
		t.Run(name, func(t *testing.T) {
			jar := newJar(t, sealjar.Options{Cookie: cookie})
			mux := http.NewServeMux()
			mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
				require.NotNil(t, r.TLS)
				s := jar.From(r.Context())
				s.Data.Views++
				fmt.Fprint(w, s.Data.Views)
			})
			mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/", http.StatusSeeOther)
			})
			client, address := sealjartest.Client(t, stdmw.New(jar, stdmw.Options{})(mux))
			require.True(t, strings.HasPrefix(address, "https://127.0.0.1:"))
			if cookie.Domain != "" {
				address = "https://www.example.com"
			}
			for i, path := range []string{"/", "/", "/elsewhere"} {
				response, err := client.Get(address + path)
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, fmt.Sprint(i+1), string(body))
			}
			require.IsType(t, new(cookiejar.Jar), client.Jar)
		})
	}
}

// Two clients are two browsers.
func TestClientHasCookiesOfItsOwn(t *testing.T) {
	jar := newJar(t, sealjar.Options{})
	handler := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		s.Data.Views++
		fmt.Fprint(w, s.Data.Views)
	}))
	for range 2 {
		client, address := sealjartest.Client(t, handler)
		response, err := client.Get(address)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "1", string(body))
	}
}

// The tests of the example are good tests.
func TestExample(t *testing.T) {
	t.Run("page", testPage)
	t.Run("sign in", testSignIn)
	t.Run("walk", testWalk)
}
