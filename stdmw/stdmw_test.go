package stdmw_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

func TestNoJarRefused(t *testing.T) {
	var typed *sealjar.Jar[data]
	for name, jar := range map[string]sealjar.AnyJar{"nil": nil, "nil of a type": typed} {
		t.Run(name, func(t *testing.T) {
			require.PanicsWithValue(t, "stdmw: jar is nil", func() { stdmw.New(jar, stdmw.Options{}) })
			require.PanicsWithValue(t, "stdmw: jar is nil", func() { stdmw.Gate(jar, stdmw.GateOptions{}) })
		})
	}
}

func TestASessionPassesFromRequestToRequest(t *testing.T) {
	world := newWorld(t)
	h := stdmw.New(world.jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := world.jar.From(r.Context())
		_, _ = io.WriteString(w, s.Data.Text)
		require.Equal(t, "alice", s.Subject())
	}))
	body, err := io.ReadAll(serve(h, world.request(t, "alice")).Body)
	require.NoError(t, err)
	require.Equal(t, "hello", string(body))
}

func TestErrorHandler(t *testing.T) {
	world := newWorld(t)
	fill := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		world.jar.From(r.Context()).Data.Text = strings.Repeat("x", 5000)
		_, _ = io.WriteString(w, "the handler's")
	})
	t.Run("none: 500 and no reason", func(t *testing.T) {
		response := serve(stdmw.New(world.jar, stdmw.Options{})(fill), world.request(t, ""))
		body, _ := io.ReadAll(response.Body)
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
		require.Equal(t, "Internal Server Error\n", string(body))
	})
	t.Run("one: it gets the request, with the session, and the error", func(t *testing.T) {
		handler := func(w http.ResponseWriter, r *http.Request, err error) {
			require.ErrorIs(t, err, sealjar.ErrTooLarge)
			require.Len(t, world.jar.From(r.Context()).Data.Text, 5000)
			http.Error(w, "too much", http.StatusInsufficientStorage)
		}
		response := serve(stdmw.New(world.jar, stdmw.Options{ErrorHandler: handler})(fill), world.request(t, ""))
		body, _ := io.ReadAll(response.Body)
		require.Equal(t, http.StatusInsufficientStorage, response.StatusCode)
		require.Equal(t, "too much\n", string(body))
		require.Empty(t, response.Header["Set-Cookie"])
	})
}

func TestFromWithoutMiddlewarePanics(t *testing.T) {
	world := newWorld(t)
	require.PanicsWithValue(t,
		"sealjar: no session in this context: mount the jar's middleware around the handler, or use Jar.Load",
		func() { world.jar.From(t.Context()) })
	gate := stdmw.Gate(world.jar, stdmw.GateOptions{})(http.NotFoundHandler())
	require.Panics(t, func() { serve(gate, world.request(t, "alice")) }, "a gate outside lets nobody through")
}

func TestAPanicPassesThrough(t *testing.T) {
	world := newWorld(t)
	oops := errors.New("oops")
	h := stdmw.New(world.jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		world.jar.From(r.Context()).Data.Text = "changed"
		panic(oops)
	}))
	require.PanicsWithError(t, "oops", func() { serve(h, world.request(t, "")) })
}
