package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

// A device comes back to one server and to the other until it is not let in any more, and its name is free again then.
func TestDevices(t *testing.T) {
	list := &revocation.Memory{}
	jar, err := newJar(sealjartest.Ring(t), list, silence, nil)
	require.NoError(t, err)
	var urls []string
	for _, h := range []http.Handler{stdApp(jar, page{}, trusting()), echoApp(jar, page{}, trusting())} {
		server := httptest.NewServer(h)
		defer server.Close()
		urls = append(urls, server.URL+"/")
	}
	d := &devices{client: newClient(), urls: urls, cookie: map[string]string{}}
	defer d.client.CloseIdleConnections()
	for range deviceNames {
		require.NoError(t, d.add(t.Context(), "alice"))
	}
	require.ErrorIs(t, d.add(t.Context(), "alice"), errNoRoom)
	d.visit(t.Context(), 0)
	d.visit(t.Context(), 1)
	require.Len(t, d.cookie, len(deviceNames))

	require.NoError(t, jar.EndAll(t.Context(), "alice"))
	d.visit(t.Context(), 2)
	require.Empty(t, d.cookie)
	require.NoError(t, d.add(t.Context(), "alice"))
}
