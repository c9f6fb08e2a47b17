// A views counter in a sealed cookie, under Echo. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/quickstart-echomw
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/keys"
)

type State struct {
	Views int `json:"views"`
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
	e := echo.New()
	e.Use(echomw.New(jar))
	e.GET("/", func(c echo.Context) error {
		session := jar.From(c.Request().Context())
		session.Data.Views++
		return c.String(http.StatusOK, fmt.Sprintln("Views", session.Data.Views))
	})
	log.Fatal(e.Start("localhost:8080"))
}
