// Sessions and protection against cross-site request forgery. Who may send a request is not the session's business: net/http and
// Echo have middleware for that, which goes outside of sealjar's, so that what it refuses does not even open a session.
// The session's cookie does its part by SameSite=Lax. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/csrf
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type State struct {
	Orders int `json:"orders"`
}

func main() {
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.ListenAndServe("localhost:8080", std(jar))) }()
	log.Fatal(withEcho(jar).Start("localhost:8081"))
}

// std refuses what browsers say comes from another origin.
func std(jar *sealjar.Jar[State]) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /order", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Orders++
		fmt.Fprintln(w, "Orders", session.Data.Orders)
	})
	return http.NewCrossOriginProtection().Handler(stdmw.New(jar, stdmw.Options{})(mux))
}

// withEcho refuses the same, and asks browsers that do not say it for the token that GET / has given.
func withEcho(jar *sealjar.Jar[State]) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.CSRFWithConfig(middleware.CSRFConfig{
		CookieName: "__Host-csrf", CookiePath: "/", CookieSecure: true, CookieHTTPOnly: true, CookieSameSite: http.SameSiteLaxMode,
	}))
	e.Use(echomw.New(jar))
	e.GET("/", func(c echo.Context) error {
		jar.From(c.Request().Context()).Data.Orders = 0
		return c.String(http.StatusOK, c.Get(middleware.DefaultCSRFConfig.ContextKey).(string))
	})
	e.POST("/order", func(c echo.Context) error {
		session := jar.From(c.Request().Context())
		session.Data.Orders++
		return c.String(http.StatusOK, fmt.Sprintln("Orders", session.Data.Orders))
	})
	return e
}
