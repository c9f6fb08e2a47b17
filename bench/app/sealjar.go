package app

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

func newJar() *sealjar.Jar[contender.State] {
	secret, err := keys.Generate(keys.HS256, never, never)
	if err != nil {
		panic(err)
	}
	ring, err := keys.NewRing([]*keys.Key{secret}, keys.Options{})
	if err != nil {
		panic(err)
	}
	jar, err := sealjar.New[contender.State](sealjar.Options{Keys: ring, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		panic(err)
	}
	return jar
}

func newSealjar(p contender.Payload) App {
	jar := newJar()
	mux := http.NewServeMux()
	mux.HandleFunc(Start, func(w http.ResponseWriter, r *http.Request) {
		jar.From(r.Context()).Data = p.State
		answer(w, 0)
	})
	mux.HandleFunc(Read, func(w http.ResponseWriter, r *http.Request) { answer(w, jar.From(r.Context()).Data.Views) })
	mux.HandleFunc(Views, func(w http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		s.Data.Views++
		answer(w, s.Data.Views)
	})
	mux.HandleFunc(Page, page)
	return App{Name: "sealjar, stdmw", Handler: stdmw.New(jar, stdmw.Options{})(mux)}
}

func newSealjarEcho(p contender.Payload) App {
	jar := newJar()
	e := echo.New()
	e.Use(echomw.New(jar))
	e.GET(Start, func(c echo.Context) error {
		jar.From(c.Request().Context()).Data = p.State
		answer(c.Response(), 0)
		return nil
	})
	e.GET(Read, func(c echo.Context) error {
		answer(c.Response(), jar.From(c.Request().Context()).Data.Views)
		return nil
	})
	e.GET(Views, func(c echo.Context) error {
		s := jar.From(c.Request().Context())
		s.Data.Views++
		answer(c.Response(), s.Data.Views)
		return nil
	})
	e.GET(Page, func(c echo.Context) error {
		page(c.Response(), c.Request())
		return nil
	})
	return App{Name: "sealjar, echomw", Handler: e}
}
