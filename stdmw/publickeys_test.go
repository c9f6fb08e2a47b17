package stdmw_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

func TestPublicKeys(t *testing.T) {
	ring, err := keys.Rotate(nil, keys.Policy{Algorithm: keys.EdDSA}, time.Now())
	require.NoError(t, err)
	handler := stdmw.PublicKeys(ring)
	ask := func(method, match string) *http.Response {
		r := httptest.NewRequest(method, "/.well-known/jwks.json", nil)
		if match != "" {
			r.Header.Set("If-None-Match", match)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Result()
	}
	got := ask(http.MethodGet, "")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Equal(t, "application/jwk-set+json", got.Header.Get("Content-Type"))
	require.Equal(t, "public, max-age=300", got.Header.Get("Cache-Control"))
	var set struct{ Keys []map[string]any }
	require.NoError(t, json.NewDecoder(got.Body).Decode(&set))
	require.Len(t, set.Keys, 2, "the spare is published before it signs")
	for _, k := range set.Keys {
		require.NotContains(t, k, "d")
	}
	tag := got.Header.Get("ETag")
	require.Equal(t, http.StatusNotModified, ask(http.MethodGet, tag).StatusCode)
	require.Equal(t, http.StatusOK, ask(http.MethodGet, `"other"`).StatusCode)
	require.Equal(t, http.StatusOK, ask(http.MethodHead, "").StatusCode)
	refused := ask(http.MethodPost, "")
	require.Equal(t, http.StatusMethodNotAllowed, refused.StatusCode)
	require.Equal(t, "GET, HEAD", refused.Header.Get("Allow"))
	require.Panics(t, func() { stdmw.PublicKeys(nil) })
}
