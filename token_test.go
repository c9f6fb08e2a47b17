package sealjar_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// The life of a session, from the first visit to its end, as a user lives it with browsers that keep their cookies: the
// same handlers under net/http and under Echo.
func TestLifeOfASession(t *testing.T) {
	for name, mount := range map[string]func(*app) http.Handler{"net/http": (*app).std, "Echo": (*app).echo} {
		t.Run(name, func(t *testing.T) { tellLife(t, mount) })
	}
}

func tellLife(t *testing.T, mount func(*app) http.Handler) {
	a := newApp(t)
	server := httptest.NewTLSServer(mount(a))
	t.Cleanup(server.Close)
	laptop, phone := newDevice(t, server), newDevice(t, server)

	// First visit. What is counted is in the cookie, and the server has nothing.
	require.Equal(t, "Welcome to this page for the first time!\n", laptop.get("/"))
	require.Contains(t, laptop.line, "; Path=/; HttpOnly; Secure; SameSite=Lax")
	require.Equal(t, "Views 1\n", laptop.get("/"))
	require.Equal(t, "Views 2\n", laptop.get("/"))
	require.Equal(t, "401", laptop.get("/account"))

	// Signing in changes the session's name and keeps what it holds. The flash message survives the redirect, once.
	planted := laptop.get("/sid")
	require.Equal(t, "(Hello, ada.)\nViews 3\nSigned in as ada\n", laptop.post("/signin?name=ada"))
	require.NotEqual(t, planted, laptop.get("/sid"))
	require.Equal(t, "Views 4\nSigned in as ada\n", laptop.get("/"))
	require.Equal(t, "ada's account", laptop.get("/account"))

	// A second device has a session of its own, and is to be remembered.
	require.Equal(t, "(Hello, ada.)\nWelcome to this page for the first time!\nSigned in as ada\n", phone.post("/signin?name=ada&remember=1"))
	require.NotEqual(t, laptop.get("/sid"), phone.get("/sid"))

	// Half an hour of idleness is counted from the last use, and a page that polls does not count as use.
	for range 3 {
		laptop.line = ""
		a.pass(20 * time.Minute)
		require.Equal(t, "ada", laptop.get("/poll"))
		require.Empty(t, laptop.line, "polling does not renew")
		require.Equal(t, "ada's account", laptop.get("/account"))
		require.NotEmpty(t, laptop.line, "using does")
		require.NotContains(t, laptop.line, "Max-Age")
	}

	// The keys are rotated: a new one seals, the old one still opens, and whoever comes by moves over. Then the old one goes.
	old := a.ring.Keys()[0]
	young := keyOf(t, a.Now(), time.Time{})
	a.keys.Store(ringOf(t, old, young))
	require.Equal(t, "ada's account", laptop.get("/account"))
	require.Equal(t, "ada's account", phone.get("/account"))
	require.Contains(t, phone.line, "Max-Age=", "it is remembered still")
	a.keys.Store(ringOf(t, young))
	require.Equal(t, "ada's account", laptop.get("/account"))
	require.Equal(t, "ada's account", phone.get("/account"))

	// A second factor raises what the session may do, and its name changes with that. A copy from before is worth nothing.
	copied := laptop.copy(t)
	before := laptop.get("/sid")
	require.Equal(t, "401", laptop.get("/vault"))
	require.Equal(t, "ada's vault", laptop.post("/stepup"))
	require.NotEqual(t, before, laptop.get("/sid"))
	require.Equal(t, "401", copied.get("/account"))

	// Signing out deletes the cookie, and refuses every copy of it. The other device stays signed in.
	copied = laptop.copy(t)
	require.Equal(t, "(Goodbye.)\nWelcome to this page for the first time!\n", laptop.post("/signout"))
	require.Equal(t, "401", laptop.get("/account"))
	require.Equal(t, "401", copied.get("/account"))
	require.Equal(t, "ada's account", phone.get("/account"))

	// Signing out everywhere ends the other device's session and not the one from which it was done.
	laptop.post("/signin?name=ada")
	require.Equal(t, "ada's account", laptop.post("/everywhere"))
	require.Equal(t, "401", phone.get("/account"))
	require.Equal(t, "ada's account", laptop.get("/account"))

	// Nobody uses it: it ends. The device that is remembered lives through days of that.
	phone.post("/signin?name=ada&remember=1")
	require.Contains(t, phone.line, "Max-Age=604800")
	a.pass(31 * time.Minute)
	require.Equal(t, "401", laptop.get("/account"))
	require.ErrorIs(t, a.lastErr(), sealjar.ErrExpired)
	a.pass(6 * day)
	require.Equal(t, "ada's account", phone.get("/account"))

	// It is used all the time: it ends all the same, half a day after signing in, or a month if it is remembered.
	laptop.post("/signin?name=ada")
	for range 12 * 3 {
		require.Equal(t, "ada's account", laptop.get("/account"))
		a.pass(20 * time.Minute)
	}
	a.pass(time.Minute)
	require.Equal(t, "401", laptop.get("/account"))
	for range 4 {
		require.Equal(t, "ada's account", phone.get("/account"))
		a.pass(6 * day)
	}
	require.Equal(t, "401", phone.get("/account"))

	// A cookie that was tampered with is no session, and no failure: the user starts again.
	laptop.post("/signin?name=ada")
	laptop.tamper(t)
	require.Equal(t, "401", laptop.get("/account"))
	require.ErrorIs(t, a.lastErr(), sealjar.ErrInvalid)
	require.Equal(t, "Welcome to this page for the first time!\n", laptop.get("/"))
	require.Equal(t, "Views 1\n", laptop.get("/"))
}

// account is what the application keeps in a session.
type account struct {
	Visits       int  `json:"visits,omitempty"`
	SecondFactor bool `json:"2fa,omitempty"`
}

// app is a small application with sessions.
type app struct {
	*shop
	jar  *sealjar.Jar[account]
	keys *swap
	errs []error
}

func newApp(t *testing.T) *app {
	a := &app{shop: newShop(t)}
	a.keys = new(swap)
	a.keys.Store(a.ring)
	var err error
	a.jar, err = sealjar.New[account](sealjar.Options{
		Keys: a.keys, Revocation: &revocation.Memory{Now: a.Now}, Now: a.Now, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return a
}

func (a *app) std() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", a.pages())
	gate := stdmw.Gate(a.jar, stdmw.GateOptions{Denied: http.HandlerFunc(a.denied)})
	mux.Handle("/account", gate(http.HandlerFunc(a.account)))
	return stdmw.New(a.jar, stdmw.Options{})(mux)
}

func (a *app) echo() http.Handler {
	e := echo.New()
	e.Use(echomw.New(a.jar))
	e.Any("/*", echo.WrapHandler(a.pages()))
	gate := echomw.GateWithConfig(echomw.GateConfig{Jar: a.jar, Denied: echo.WrapHandler(http.HandlerFunc(a.denied))})
	e.GET("/account", echo.WrapHandler(http.HandlerFunc(a.account)), gate)
	return e
}

func (a *app) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		s := a.jar.From(r.Context())
		s.Data.Visits++ // before the first byte of the page
		for _, f := range s.Flashes() {
			fmt.Fprintf(w, "(%s)\n", f.Text)
		}
		if s.Data.Visits == 1 {
			fmt.Fprintln(w, "Welcome to this page for the first time!")
		} else {
			fmt.Fprintf(w, "Views %d\n", s.Data.Visits-1)
		}
		if s.Subject() != "" {
			fmt.Fprintf(w, "Signed in as %s\n", s.Subject())
		}
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		s, name := a.jar.From(r.Context()), r.FormValue("name")
		redirect(w, r, "/", s.SignIn(r.Context(), name), s.Remember(r.FormValue("remember") != ""), s.AddFlash("info", "Hello, "+name+"."))
	})
	mux.HandleFunc("POST /stepup", func(w http.ResponseWriter, r *http.Request) {
		s := a.jar.From(r.Context())
		s.Data.SecondFactor = true
		redirect(w, r, "/vault", s.Renew(r.Context()))
	})
	mux.HandleFunc("GET /vault", func(w http.ResponseWriter, r *http.Request) {
		s := a.jar.From(r.Context())
		if s.Subject() == "" || !s.Data.SecondFactor {
			a.denied(w, r)
			return
		}
		fmt.Fprintf(w, "%s's vault", s.Subject())
	})
	mux.HandleFunc("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		s := a.jar.From(r.Context())
		redirect(w, r, "/", s.End(r.Context()), s.AddFlash("info", "Goodbye."))
	})
	mux.HandleFunc("POST /everywhere", func(w http.ResponseWriter, r *http.Request) {
		s := a.jar.From(r.Context())
		redirect(w, r, "/account", a.jar.EndAll(r.Context(), s.Subject()), s.SignIn(r.Context(), s.Subject()))
	})
	mux.HandleFunc("GET /poll", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, a.jar.Peek(r.Context()).Subject())
	})
	mux.HandleFunc("GET /sid", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, a.jar.Peek(r.Context()).ID()) })
	return mux
}

func (a *app) account(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s's account", a.jar.From(r.Context()).Subject())
}

func (a *app) denied(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.errs = append(a.errs, a.jar.Check(r.Context()))
	a.mu.Unlock()
	w.WriteHeader(http.StatusUnauthorized)
}

// lastErr is why somebody was denied last.
func (a *app) lastErr() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.errs[len(a.errs)-1]
}

func redirect(w http.ResponseWriter, r *http.Request, to string, errs ...error) {
	if err := errors.Join(errs...); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// device is a browser.
type device struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
	line   string // the last Set-Cookie that it was sent
}

func newDevice(t *testing.T, server *httptest.Server) *device {
	cookies, err := cookiejar.New(nil)
	require.NoError(t, err)
	d := &device{t: t, server: server}
	d.client = &http.Client{Jar: cookies, Transport: d}
	return d
}

// RoundTrip looks at the cookies as they pass, also at those of a redirect.
func (d *device) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := d.server.Client().Transport.RoundTrip(r)
	if err == nil && len(response.Header["Set-Cookie"]) > 0 {
		require.Len(d.t, response.Header["Set-Cookie"], 1)
		d.line = response.Header["Set-Cookie"][0]
	}
	return response, err
}

func (d *device) get(path string) string  { return d.send(http.MethodGet, path) }
func (d *device) post(path string) string { return d.send(http.MethodPost, path) }

// send returns the page at which the request ends, or the status where there is no page.
func (d *device) send(method, path string) string {
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.server.URL+path, nil)
	require.NoError(d.t, err)
	response, err := d.client.Do(r)
	require.NoError(d.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(d.t, err)
	if response.StatusCode != http.StatusOK {
		return fmt.Sprint(response.StatusCode) + string(body)
	}
	return string(body)
}

// copy is a thief's browser, with the same cookie.
func (d *device) copy(t *testing.T) *device {
	thief := newDevice(t, d.server)
	at, err := url.Parse(d.server.URL)
	require.NoError(t, err)
	thief.client.Jar.SetCookies(at, d.client.Jar.Cookies(at))
	return thief
}

// tamper changes one character of the cookie.
func (d *device) tamper(t *testing.T) {
	at, err := url.Parse(d.server.URL)
	require.NoError(t, err)
	cookies := d.client.Jar.Cookies(at)
	require.Len(t, cookies, 1)
	middle := len(cookies[0].Value) / 2
	other := "A"
	if strings.HasPrefix(cookies[0].Value[middle:], other) {
		other = "B"
	}
	cookies[0].Value = cookies[0].Value[:middle] + other + cookies[0].Value[middle+1:]
	cookies[0].Path, cookies[0].Secure = "/", true
	d.client.Jar.SetCookies(at, cookies)
}
