package interop_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type cart struct {
	Items []string `json:"items"`
}

// seen is what the site answers: who is signed in, and what was in the cart before the request.
type seen struct {
	Subject, SessionID, AuthTime string
	Items, Groups                []string
}

var noon = time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)

// site is an application with sealjar, over HTTPS. Its clock moves as tests want.
type site struct {
	*httptest.Server
	now    atomic.Int64 // in milliseconds
	issuer string
	ring   *keys.Ring
}

func newSite(t *testing.T, ring *keys.Ring, issuer string, change ...func(*sealjar.Options)) *site {
	t.Helper()
	s := &site{issuer: issuer, ring: ring}
	s.now.Store(noon.UnixMilli())
	options := sealjar.Options{
		Keys: ring, Issuer: issuer, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.UnixMilli(s.now.Load()) },
	}
	for _, c := range change {
		c(&options)
	}
	jar, err := sealjar.New[cart](options)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/{user}", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), r.PathValue("user")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		answer := seen{
			Subject: session.Subject(), SessionID: session.ID(), AuthTime: session.AuthTime().UTC().Format(time.RFC3339Nano),
			Items: session.Data.Items, Groups: session.Groups(),
		}
		if item := r.FormValue("add"); item != "" {
			session.Data.Items = append(session.Data.Items, item)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	s.Server = httptest.NewTLSServer(stdmw.New(jar, stdmw.Options{})(mux))
	t.Cleanup(s.Close)
	return s
}

// request sends the value of the cookie, if it is not empty, and returns what the site has seen and the value that it has set.
func (s *site) request(t *testing.T, method, path, cookie string) (saw seen, set string) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, nil)
	require.NoError(t, err)
	if cookie != "" {
		r.Header.Set("Cookie", "__Host-session="+cookie)
	}
	response, err := s.Client().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	if method == http.MethodGet {
		require.NoError(t, json.NewDecoder(response.Body).Decode(&saw))
	}
	for _, c := range response.Cookies() {
		require.Equal(t, "__Host-session", c.Name)
		set = c.Value
	}
	return saw, set
}

// ask is a request to Node at the site's time, for its cookie.
func (s *site) ask(t *testing.T, r request) answer {
	t.Helper()
	r.Now, r.Issuer, r.Audience = s.now.Load(), s.issuer, "session/__Host-session"
	return ask(t, r)
}
