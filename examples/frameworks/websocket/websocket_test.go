// Package websocket_test shows how the cookie goes out with the upgrade to a WebSocket: a session can change until the 101 has
// left, if the library writes the fields of w.Header into it.
package websocket_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type state struct {
	Sockets int `json:"sockets"`
}

// withCoder needs nothing: the library writes its 101 by way of w.
func withCoder(w http.ResponseWriter, r *http.Request) error {
	c, err := coder.Accept(w, r, nil)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	return c.Write(r.Context(), coder.MessageText, []byte("hello"))
}

// withGorilla hands w.Header over: the library writes its 101 by itself, with these fields, and they have the cookie by then.
func withGorilla(w http.ResponseWriter, r *http.Request) error {
	upgrader := gorilla.Upgrader{}
	c, err := upgrader.Upgrade(w, r, w.Header())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.WriteMessage(gorilla.TextMessage, []byte("hello"))
}

// withGorillaAlone leaves the fields out, and the cookie with them.
func withGorillaAlone(w http.ResponseWriter, r *http.Request) error {
	upgrader := gorilla.Upgrader{}
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.WriteMessage(gorilla.TextMessage, []byte("hello"))
}

func TestUpgrade(t *testing.T) {
	for name, row := range map[string]struct {
		serve  func(http.ResponseWriter, *http.Request) error
		cookie bool
	}{
		"coder/websocket: the cookie is on the 101":                                {withCoder, true},
		"gorilla/websocket with w.Header(): the cookie is on the 101":              {withGorilla, true},
		"gorilla/websocket with a header of its own: the cookie is not on the 101": {withGorillaAlone, false},
	} {
		t.Run(name, func(t *testing.T) {
			jar, err := sealjar.New[state](sealjar.Options{Keys: sealjartest.Ring(t)})
			require.NoError(t, err)
			served := make(chan error, 1)
			server := httptest.NewServer(stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				jar.From(r.Context()).Data.Sockets++
				served <- row.serve(w, r)
			})))
			defer server.Close()

			c, response, err := gorilla.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
			require.NoError(t, err)
			defer c.Close()
			require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
			_, message, err := c.ReadMessage()
			require.NoError(t, err)
			require.Equal(t, "hello", string(message))
			require.NoError(t, <-served)

			session := sealjartest.SessionOf(t, jar, response)
			if !row.cookie {
				require.ErrorIs(t, session.Err(), sealjar.ErrNone)
				return
			}
			require.Equal(t, 1, session.Data.Sockets)
			require.Len(t, response.Header["Set-Cookie"], 1)
			require.Contains(t, response.Header.Get("Cache-Control"), "no-store")
		})
	}
}
