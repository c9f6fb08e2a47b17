package echomw_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/labstack/echo/v5"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw/v5"
	"github.com/sealjar/sealjar/keys"
)

type demoState struct {
	Views int    `json:"views,omitempty"`
	Note  string `json:"note,omitempty"`
}

func demoJar() *sealjar.Jar[demoState] {
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{}) // for the example: an application keeps its keys
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[demoState](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	return jar
}

// curl makes a request, prints the response, and returns its cookie.
func curl(handler http.Handler, request, cookie string) string {
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequest(method, path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if to := w.Header().Get("Location"); to != "" {
		fmt.Println(w.Code, to)
	} else {
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	set, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return set
}

func ExampleNew() {
	jar := demoJar()
	e := echo.New()
	e.Use(echomw.New(jar))
	e.GET("/", func(c *echo.Context) error {
		session := jar.From(c.Request().Context())
		session.Data.Views++
		return c.String(http.StatusOK, fmt.Sprint("Views ", session.Data.Views))
	})

	cookie := curl(e, "GET /", "")
	curl(e, "GET /", cookie)
	// Output:
	// 200 Views 1
	// 200 Views 2
}

// Everything that can be set: whom to leave out, where c.Get finds the session, what answers if it can't be written.
func ExampleWithConfig() {
	config := echomw.DefaultConfig
	config.Jar = demoJar()
	config.Skipper = func(c *echo.Context) bool { return strings.HasPrefix(c.Path(), "/static/") }
	config.ContextKey = "session"
	config.ErrorHandler = func(c *echo.Context, err error) error {
		if errors.Is(err, sealjar.ErrTooLarge) {
			return c.String(http.StatusRequestEntityTooLarge, "your note is too long")
		}
		return err
	}
	e := echo.New()
	e.Use(echomw.WithConfig(config))
	e.POST("/note", func(c *echo.Context) error {
		c.Get("session").(*sealjar.Session[demoState]).Data.Note = strings.Repeat("blah ", 1000)
		return c.String(http.StatusOK, "your note was saved")
	})
	e.GET("/static/logo", func(c *echo.Context) error {
		return c.String(http.StatusOK, fmt.Sprint("session: ", c.Get("session")))
	})

	curl(e, "POST /note", "")
	curl(e, "GET /static/logo", "")
	// Output:
	// 413 your note is too long
	// 200 session: <nil>
}

// For a config that comes from outside: an error in place of a panic.
func ExampleConfig_ToMiddleware() {
	_, err := echomw.Config{}.ToMiddleware()
	fmt.Println(err)
	// Output:
	// echomw: Config.Jar is missing
}

func ExampleGate() {
	jar := demoJar()
	e := echo.New()
	e.Use(echomw.New(jar))
	e.POST("/signin", func(c *echo.Context) error {
		ctx := c.Request().Context()
		if err := jar.From(ctx).SignIn(ctx, "alice"); err != nil {
			return echo.ErrServiceUnavailable.Wrap(err)
		}
		return c.Redirect(http.StatusSeeOther, "/api/account")
	})
	api := e.Group("/api", echomw.Gate(jar))
	api.GET("/account", func(c *echo.Context) error {
		return c.String(http.StatusOK, "Account of "+jar.From(c.Request().Context()).Subject())
	})

	curl(e, "GET /api/account", "")
	cookie := curl(e, "POST /signin", "")
	curl(e, "GET /api/account", cookie)
	// Output:
	// 401 {"message":"Unauthorized"}
	// 303 /api/account
	// 200 Account of alice
}

// A gate for pages, which leads to the sign-in, and one for what a page polls, which keeps nobody signed in.
func ExampleGateWithConfig() {
	jar := demoJar()
	e := echo.New()
	e.Use(echomw.New(jar))
	account := func(c *echo.Context) error { return c.String(http.StatusOK, "Account") }
	e.GET("/account", account, echomw.GateWithConfig(echomw.GateConfig{
		Jar: jar, Denied: func(c *echo.Context) error { return c.Redirect(http.StatusSeeOther, "/signin") },
	}))
	e.GET("/news", account, echomw.GateWithConfig(echomw.GateConfig{Jar: jar, Passive: true}))

	curl(e, "GET /account", "")
	curl(e, "GET /news", "")
	// Output:
	// 303 /signin
	// 401 {"message":"Unauthorized"}
}
