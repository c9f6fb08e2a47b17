package main_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// application is one that keeps its sessions under a ring of keys, at a moment.
type application struct {
	ring           *keys.Ring
	now            time.Time
	cookie, issuer string
	remember       bool
}

type state struct {
	Cart []string `json:"cart"`
}

// serve makes one request with what a Set-Cookie line has set, signs in whom it names, and returns who is signed in, "nobody" if
// nobody is, and the Set-Cookie line of the response.
func (a application) serve(cookie, signIn string) (subject, line string, err error) {
	options := sealjar.Options{
		Keys: a.ring, Issuer: a.issuer, Now: func() time.Time { return a.now }, Logger: slog.New(slog.DiscardHandler),
	}
	options.Cookie.Name = a.cookie
	jar, err := sealjar.New[state](options)
	if err != nil {
		return "", "", err
	}
	handler := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if signIn != "" {
			err = errors.Join(session.SignIn(r.Context(), signIn), session.AddFlash("info", "welcome"), session.SetGroups("tenant:7"))
			session.Data.Cart = []string{"tea"}
			if a.remember {
				err = errors.Join(err, session.SetLifetime(2*time.Hour), session.Remember(true))
			}
		}
		subject = session.Subject()
	}))
	request := httptest.NewRequest(http.MethodGet, "https://app.example/", nil)
	if cookie != "" {
		pair, _, _ := strings.Cut(strings.TrimPrefix(cookie, "Set-Cookie: "), ";")
		request.Header.Set("Cookie", strings.TrimSpace(pair))
	}
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	if subject == "" {
		subject = "nobody"
	}
	if set := response.Header().Get("Set-Cookie"); set != "" {
		line = fmt.Sprintf("Set-Cookie: %s\n", set)
	}
	return subject, line, err
}
