package soak

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/echomw"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

type state struct {
	Visits int    `json:"visits"`
	Fill   string `json:"fill"`
}

// tick is how far the server's clock goes with each request.
const tick = 100 * time.Millisecond

// application is what the server serves, under either middleware.
type application struct {
	jar    *sealjar.Jar[state]
	start  time.Time
	served atomic.Int64
}

func newApplication() (*application, error) {
	a := &application{start: time.Now()}
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		return nil, err
	}
	a.jar, err = sealjar.New[state](sealjar.Options{
		Keys: ring, Cookie: sealjar.Cookie{MaxChunks: 4}, Revocation: &revocation.Memory{Now: a.now}, Now: a.now,
		Idle: time.Minute, Absolute: 5 * time.Minute, RememberIdle: 2 * time.Minute, RememberAbsolute: 5 * time.Minute,
		Logger: slog.New(slog.DiscardHandler),
	})
	return a, err
}

func (a *application) now() time.Time { return a.start.Add(time.Duration(a.served.Load()) * tick) }

// actions are the routes. After each of them the answer says who is signed in.
var actions = map[string]func(context.Context, *application, *sealjar.Session[state], string) error{
	"/read": func(context.Context, *application, *sealjar.Session[state], string) error { return nil },
	"/visit": func(_ context.Context, _ *application, s *sealjar.Session[state], _ string) error {
		s.Data.Visits++
		return nil
	},
	"/fill": func(_ context.Context, _ *application, s *sealjar.Session[state], bytes string) error {
		n, err := strconv.Atoi(bytes)
		if err == nil {
			s.Data.Fill = strings.Repeat("x", n)
		}
		return err
	},
	"/signin": func(ctx context.Context, _ *application, s *sealjar.Session[state], subject string) error {
		return errors.Join(s.SignIn(ctx, subject), s.Remember(len(subject)%2 == 0))
	},
	"/signout": func(ctx context.Context, _ *application, s *sealjar.Session[state], _ string) error {
		return s.End(ctx)
	},
	"/everywhere": func(ctx context.Context, a *application, s *sealjar.Session[state], _ string) error {
		if s.Subject() == "" {
			return nil
		}
		return errors.Join(a.jar.EndAll(ctx, s.Subject()), s.End(ctx))
	},
}

// answer is what the server says: the subject, or nothing, and a number.
func answer(s *sealjar.Session[state]) string { return fmt.Sprintln(s.Subject(), s.Data.Visits) }

// status is that of an action's error. Nothing is expected that would be a 5xx.
func status(err error) int {
	switch {
	case errors.Is(err, sealjar.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, sealjar.ErrRevoked):
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

func (a *application) std() http.Handler {
	mux := http.NewServeMux()
	for path, action := range actions {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			a.served.Add(1)
			session := a.jar.From(r.Context())
			if err := action(r.Context(), a, session, r.URL.RawQuery); err != nil {
				http.Error(w, err.Error(), status(err))
				return
			}
			fmt.Fprint(w, answer(session))
		})
	}
	return stdmw.New(a.jar, stdmw.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), status(err))
	}})(mux)
}

func (a *application) echo() http.Handler {
	e := echo.New()
	e.Use(echomw.WithConfig(echomw.Config{Jar: a.jar, ErrorHandler: func(c echo.Context, err error) error {
		return c.String(status(err), err.Error())
	}}))
	for path, action := range actions {
		e.GET(path, func(c echo.Context) error {
			a.served.Add(1)
			ctx := c.Request().Context()
			session := a.jar.From(ctx)
			if err := action(ctx, a, session, c.QueryString()); err != nil {
				return c.String(status(err), err.Error())
			}
			return c.String(http.StatusOK, answer(session))
		})
	}
	return e
}
