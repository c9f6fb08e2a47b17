// Package app is one small web application, written once for each way to keep a session.
//
// It has four pages, each of which answers with a few bytes: /start begins a session with the state of a payload, /read
// reads a session, /views counts in it, and /page does not touch it.
package app

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar/bench/contender"
)

// App is the application with one kind of session.
type App struct {
	// Name is what the table shows.
	Name string
	// Handler serves the pages.
	Handler http.Handler
}

// Paths of the pages.
const (
	Start = "/start"
	Read  = "/read"
	Views = "/views"
	Page  = "/page"
)

// All returns the application in each form, the bare ones first. Sessions begin with p.
func All(p contender.Payload) []App {
	return []App{
		newBare(p), newSealjar(p), newBareEcho(p), newSealjarEcho(p), newFloor(p), newSecurecookie(p), newSCS(p), newJWX(p),
	}
}

// pages are the pages on net/http's own mux. load gets the state of a request's session, and save writes it.
func pages(p contender.Payload, load func(*http.Request) contender.State, save func(http.ResponseWriter, *http.Request, contender.State)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Start, func(w http.ResponseWriter, r *http.Request) {
		save(w, r, p.State)
		answer(w, 0)
	})
	mux.HandleFunc(Read, func(w http.ResponseWriter, r *http.Request) { answer(w, load(r).Views) })
	mux.HandleFunc(Views, func(w http.ResponseWriter, r *http.Request) {
		state := load(r)
		state.Views++
		save(w, r, state)
		answer(w, state.Views)
	})
	mux.HandleFunc(Page, page)
	return mux
}

func page(w http.ResponseWriter, _ *http.Request) { answer(w, 0) }

func answer(w http.ResponseWriter, views int) {
	var text [24]byte
	_, _ = w.Write(append(strconv.AppendInt(text[:0], int64(views), 10), " views\n"...))
}

// newBare has the pages and no session: what the server costs by itself.
func newBare(p contender.Payload) App {
	load := func(*http.Request) contender.State { return contender.State{} }
	return App{Name: "no session", Handler: pages(p, load, func(http.ResponseWriter, *http.Request, contender.State) {})}
}

func newBareEcho(contender.Payload) App {
	e := echo.New()
	for _, path := range []string{Start, Read, Views, Page} {
		e.GET(path, func(c echo.Context) error {
			page(c.Response(), c.Request())
			return nil
		})
	}
	return App{Name: "no session, Echo", Handler: e}
}
