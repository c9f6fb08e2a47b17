//go:build unix

package browser_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// site is a small application with pages for people, under either middleware.
type site struct {
	jar         *sealjar.Jar[state]
	unprotected bool // without net/http's protection against requests of other sites
	cacheable   bool // private pages say nothing of caching
}

type state struct {
	Visits int    `json:"visits"`
	Fill   string `json:"fill"`
}

// page says all that the session holds; data-… is for the page around an iframe.
var page = template.Must(template.New("").Parse(`<!doctype html><title>{{.Title}}</title>
<h1>{{.Title}}</h1><p id="who">{{.Who}}</p><p id="visits">{{.Visits}}</p><p id="fill">{{.Fill}}</p>
<form id="signin" method="post" action="/signin"><input name="name"><input name="remember" type="checkbox" value="yes"><button>Sign in</button></form>
<form id="signout" method="post" action="/signout"><button>Sign out</button></form>
<form id="keep" method="post" action="/fill"><input name="bytes"><button>Keep</button></form>
<script>if (parent !== window) parent.postMessage(document.getElementById("visits").textContent, "*")</script>`))

// actions are the routes; what they return is the title of a page, or empty for a redirect to the front page.
var actions = map[string]func(*sealjar.Session[state], context.Context, func(string) string) (title string, err error){
	"GET /{$}": func(*sealjar.Session[state], context.Context, func(string) string) (string, error) {
		return "Front page", nil
	},
	"GET /private": func(s *sealjar.Session[state], _ context.Context, _ func(string) string) (string, error) {
		if s.Subject() == "" {
			return "", errStranger
		}
		return "Private page of " + s.Subject(), nil
	},
	"GET /visit": func(s *sealjar.Session[state], _ context.Context, _ func(string) string) (string, error) {
		s.Data.Visits++
		return "Visited", nil
	},
	"POST /signin": func(s *sealjar.Session[state], ctx context.Context, form func(string) string) (string, error) {
		if err := s.SignIn(ctx, form("name")); err != nil {
			return "", err
		}
		return "", s.Remember(form("remember") != "")
	},
	"POST /signout": func(s *sealjar.Session[state], ctx context.Context, _ func(string) string) (string, error) {
		return "", s.End(ctx)
	},
	"POST /fill": func(s *sealjar.Session[state], _ context.Context, form func(string) string) (string, error) {
		n, err := strconv.Atoi(form("bytes"))
		s.Data.Fill = filling(n)
		return "", err
	},
	// The page that a form of another site leads to: it shows with what session it came.
	"POST /{$}": func(*sealjar.Session[state], context.Context, func(string) string) (string, error) {
		return "Front page", nil
	},
}

var errStranger = errors.New("sign in first")

func filling(n int) string { return strings.Repeat("0123456789", n/10+1)[:n] }

// digest stands for a filling on a page.
func digest(fill string) string {
	return fmt.Sprintf("%d %x", len(fill), sha256.Sum256([]byte(fill)))
}

func (s site) render(session *sealjar.Session[state], title string, err error) (status int, html string) {
	status = http.StatusOK
	if err != nil {
		title, status = "Forbidden", http.StatusForbidden
	}
	who := session.Subject()
	if who == "" {
		who = "nobody"
	}
	var b strings.Builder
	_ = page.Execute(&b, map[string]any{"Title": title, "Who": who, "Visits": session.Data.Visits, "Fill": digest(session.Data.Fill)})
	return status, b.String()
}

func (s site) caching(h http.Header) {
	if !s.cacheable {
		h.Set("Cache-Control", "no-store") // what every private page of an application needs
	}
}

func (s site) std() http.Handler {
	mux := http.NewServeMux()
	for pattern, action := range actions {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			session := s.jar.From(r.Context())
			title, err := action(session, r.Context(), r.FormValue)
			s.caching(w.Header())
			if title == "" && err == nil {
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			status, html := s.render(session, title, err)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(html))
		})
	}
	handler := stdmw.New(s.jar, stdmw.Options{})(mux)
	if s.unprotected {
		return handler
	}
	return http.NewCrossOriginProtection().Handler(handler)
}

func (s site) echo() http.Handler {
	e := echo.New()
	if !s.unprotected {
		e.Use(echo.WrapMiddleware(http.NewCrossOriginProtection().Handler))
	}
	e.Use(echomw.New(s.jar))
	for pattern, action := range actions {
		method, path, _ := strings.Cut(pattern, " ")
		e.Add(method, strings.TrimSuffix(path, "{$}"), func(c echo.Context) error {
			ctx := c.Request().Context()
			session := s.jar.From(ctx)
			title, err := action(session, ctx, c.FormValue)
			s.caching(c.Response().Header())
			if title == "" && err == nil {
				return c.Redirect(http.StatusSeeOther, "/")
			}
			return c.HTML(s.render(session, title, err))
		})
	}
	return e
}

// middlewares are under which the tests run.
var middlewares = map[string]func(site) http.Handler{"stdmw": site.std, "echomw": site.echo}

func newJar(t *testing.T, cookie sealjar.Cookie) *sealjar.Jar[state] {
	t.Helper()
	jar, err := sealjar.New[state](sealjar.Options{
		Keys: sealjartest.Ring(t), Cookie: cookie, Revocation: &revocation.Memory{}, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return jar
}

// localhost serves without TLS, as a developer's machine does, and returns the address without a path.
func localhost(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return "http://localhost:" + port(server)
}

func port(server *httptest.Server) string {
	return server.URL[strings.LastIndexByte(server.URL, ':')+1:]
}

// world serves with TLS and HTTP/2 the application at app.example, and other people's sites at every other host: each has a
// form, a link and an iframe that lead to the application. Address gives the address of a host, without a path.
func world(t *testing.T, app http.Handler) (address func(host string) string) {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "app.example:") {
			app.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = strings.NewReplacer("APP", "https://app.example:"+port(server)).WriteString(w, map[string]string{
			"/form":  `<form method="post" action="APP/"><button>Win</button></form>`,
			"/forge": `<form method="post" action="APP/signin"><input name="name" value="mallory"><button>Win</button></form>`,
			"/link":  `<a href="APP/">Read on</a>`,
			"/frame": `<p id="said"></p><script>addEventListener("message", e => document.getElementById("said").textContent = e.data)</script>
<iframe src="APP/visit"></iframe>`,
		}[r.URL.Path])
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return func(host string) string { return "https://" + host + ":" + port(server) }
}
