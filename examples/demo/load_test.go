package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestLoadNeedsASession(t *testing.T) {
	v := visit(t, "alice")
	require.Equal(t, http.StatusConflict, ask(t, http.MethodPost, v.std+"demo/load", "x=", nil).StatusCode)
	require.Equal(t, http.StatusAccepted, v.send(t, "demo/load", "").StatusCode)
	s := v.watch(t, func(s snapshot) bool { return s.Load.Sealed > 0 })
	require.Positive(t, s.Load.Plain)
	require.Zero(t, s.Load.Failed)
}

func TestLoadRunsOnce(t *testing.T) {
	ring := sealjartest.Ring(t)
	jar, err := newJar(ring, nil, silence, nil)
	require.NoError(t, err)
	l := lab{load: newLoad(newBell())}
	l.quiet, err = newQuietJar(ring, nil)
	require.NoError(t, err)
	require.True(t, l.load.begin())
	require.True(t, l.load.view().Running)
	w := httptest.NewRecorder()
	l.serveLoad(w, sealjartest.WithSession(t, jar, httptest.NewRequest(http.MethodPost, "/demo/load", nil), func(s *sealjar.Session[State]) {
		require.NoError(t, s.SignIn(t.Context(), "alice"))
	}))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "running already")
}

// What is counted as a request with sealjar is one that has opened the session.
func TestLoadTargets(t *testing.T) {
	ring := sealjartest.Ring(t)
	jar, err := newQuietJar(ring, nil)
	require.NoError(t, err)
	sealing, err := newJar(ring, nil, silence, nil)
	require.NoError(t, err)
	r := sealjartest.WithSession(t, sealing, httptest.NewRequest(http.MethodGet, "/", nil), func(s *sealjar.Session[State]) {
		require.NoError(t, s.SignIn(t.Context(), "alice"))
	})
	plain, sealed := loadTargets(jar)
	for _, test := range []struct {
		handler http.Handler
		request *http.Request
		status  int
		body    string
	}{
		{plain, httptest.NewRequest(http.MethodGet, "/", nil), 200, "Hello, somebody.\n"},
		{sealed, r, 200, "Hello, alice.\n"},
		{sealed, httptest.NewRequest(http.MethodGet, "/", nil), 401, ""},
	} {
		w := httptest.NewRecorder()
		test.handler.ServeHTTP(w, test.request)
		require.Equal(t, test.status, w.Code)
		require.Equal(t, test.body, w.Body.String())
		require.Empty(t, w.Header().Get("Set-Cookie"))
	}
}

func TestLoadCountsWhatFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	l := newLoad(newBell())
	defer l.client.CloseIdleConnections()
	var answered, failed int64
	for answered+failed == 0 { // on a busy machine the time may be over before anybody has begun
		answered, failed = l.slice(t.Context(), server.URL, "x", 5*time.Millisecond)
	}
	require.Zero(t, answered)
}
