//go:build unix

package expressproof_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// data is what the application holds after the move.
type data struct {
	Views int    `json:"views"`
	Note  string `json:"note"`
}

var secrets = []string{"of this year", "of last year"}

// clock is the jar's, which goes ahead of the machine's.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// site is the application in Go. Its keys and its list outlive the server, as they do where a new version is rolled out.
type site struct {
	t     *testing.T
	rows  expressbridge.Rows
	ring  *keys.Ring
	list  *revocation.Memory
	clock clock
	echo  bool // the framework
	url   string
	stop  func()
}

func newSite(t *testing.T, rows expressbridge.Rows, framework string) *site {
	t.Helper()
	s := &site{t: t, rows: rows, ring: sealjartest.Ring(t), echo: framework == "Echo", stop: func() {}}
	s.list = &revocation.Memory{Now: s.clock.Now}
	t.Cleanup(func() { s.stop() })
	return s
}

// serve rolls a version out: the bridge as it is by default, but for the change.
func (s *site) serve(change func(*expressbridge.Options[data])) {
	s.t.Helper()
	s.stop()
	options := expressbridge.Options[data]{
		Rows: s.rows, Secrets: secrets, Import: imported, Mode: expressbridge.AfterGrace, OnFailure: expressbridge.Refuse,
		Cookie: expressbridge.Cookie{InsecureHTTP: true}, Timeout: 20 * time.Second,
	}
	change(&options)
	source, err := expressbridge.New(options)
	require.NoError(s.t, err)
	jar, err := sealjar.New[data](sealjar.Options{
		Keys: s.ring, Takeover: source, Revocation: s.list, Now: s.clock.Now, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(s.t, err)
	server := httptest.NewTLSServer(map[bool]func(*sealjar.Jar[data]) http.Handler{false: withNetHTTP, true: withEcho}[s.echo](jar))
	s.url, s.stop = server.URL, sync.OnceFunc(server.Close)
}

func imported(_ context.Context, old expressbridge.Old) (expressbridge.Session[data], error) {
	user, ok := old.Values["user"].(map[string]any)
	if !ok {
		return expressbridge.Session[data]{}, expressbridge.ErrSkip
	}
	session := expressbridge.Session[data]{}
	session.Subject, _ = user["name"].(string)
	session.Data.Note, _ = user["note"].(string)
	views, _ := old.Values["views"].(float64)
	session.Data.Views = int(views)
	if at, ok := old.Values["signedInAt"].(float64); ok {
		session.AuthTime = time.UnixMilli(int64(at))
	}
	return session, nil
}

type answer struct {
	User  string `json:"user"`
	Views int    `json:"views"`
	ID    string `json:"id"`
	Note  string `json:"note"`
}

func show(s *sealjar.Session[data]) answer {
	s.Data.Views++
	return answer{s.Subject(), s.Data.Views, s.ID(), s.Data.Note}
}

func withNetHTTP(jar *sealjar.Jar[data]) http.Handler {
	mux := http.NewServeMux()
	gate := stdmw.Gate(jar, stdmw.GateOptions{})
	mux.Handle("GET /me", gate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(show(jar.From(r.Context())))
	})))
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).SignIn(r.Context(), r.URL.Query().Get("user")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).End(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return stdmw.New(jar, stdmw.Options{})(mux)
}

func withEcho(jar *sealjar.Jar[data]) http.Handler {
	e := echo.New()
	e.Use(echomw.New(jar))
	e.GET("/me", func(c echo.Context) error { return c.JSON(http.StatusOK, show(jar.From(c.Request().Context()))) }, echomw.Gate(jar))
	e.POST("/signin", func(c echo.Context) error {
		ctx := c.Request().Context()
		return jar.From(ctx).SignIn(ctx, c.QueryParam("user"))
	})
	e.POST("/signout", func(c echo.Context) error {
		ctx := c.Request().Context()
		return jar.From(ctx).End(ctx)
	})
	return e
}

// user is a browser.
type user struct {
	name   string
	client *http.Client
}

var transport = &http.Transport{
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 32, // of a test
}

func newUser(name string) *user {
	jar, _ := cookiejar.New(nil)
	return &user{name, &http.Client{Jar: jar, Transport: transport, Timeout: time.Minute}}
}

func (u *user) ask(method, url string) (a answer, err error) {
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		return a, err
	}
	response, err := u.client.Do(r)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s: %s %.100s", u.name, method, url, response.Status, body)
	}
	if err != nil {
		return a, err
	}
	if method == http.MethodGet {
		err = json.Unmarshal(body, &a)
	}
	return a, err
}

// me wants the user to be signed in.
func (u *user) me(url string) (answer, error) {
	a, err := u.ask(http.MethodGet, url+"/me")
	if err == nil && a.User != u.name {
		err = fmt.Errorf("%s is taken for %q at %s", u.name, a.User, url)
	}
	return a, err
}

// each lets all users do something, a few at a time.
func each(t *testing.T, users []*user, do func(*user) error) {
	t.Helper()
	next := make(chan *user)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for u := range next {
				if err := do(u); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, u := range users {
		next <- u
	}
	close(next)
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}
