package mwtest

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

var compression = []behaviour{
	{
		name:  "a compressor inside: the cookie is on the compressed response",
		serve: func(s *site) http.Handler { return compressed(serving(compressible)(s)) },
		check: decompresses,
	},
	{
		name:   "a compressor outside: the cookie is on the compressed response",
		serve:  serving(compressible),
		around: func(_ *site, h http.Handler) http.Handler { return compressed(h) },
		check:  decompresses,
	},
	{
		name:  "a compressor inside, and the session is too large: 500 without a compressed byte",
		serve: func(s *site) http.Handler { return compressed(serving(overfilled)(s)) },
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			refusedCleanly(t, s, r)
			require.Equal(t, "Internal Server Error\n", r.body)
			require.Empty(t, r.Header.Get("Content-Encoding"))
		},
	},
	{
		name:   "a compressor outside, and the session is too large: 500, compressed as it says",
		serve:  serving(overfilled),
		around: func(_ *site, h http.Handler) http.Handler { return compressed(h) },
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			refusedCleanly(t, s, r)
			require.Equal(t, "Internal Server Error\n", decompress(t, r))
		},
	},
}

func compressible(s *site, w http.ResponseWriter, r *http.Request) {
	s.change(r)
	_, _ = io.WriteString(w, "hello ")
	_ = http.NewResponseController(w).Flush()
	_, _ = io.WriteString(w, "compressor")
}

func overfilled(s *site, w http.ResponseWriter, r *http.Request) {
	s.overfill(r)
	_, _ = io.WriteString(w, "the handler's words")
}

func decompresses(t *testing.T, s *site) {
	r := s.get(t)
	require.Equal(t, 1, s.saved(t, r).Data.N)
	require.Equal(t, "hello compressor", decompress(t, r))
}

func decompress(t *testing.T, r *reply) string {
	require.Equal(t, "gzip", r.Header.Get("Content-Encoding"))
	reader, err := gzip.NewReader(strings.NewReader(r.body))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(text)
}

// compressed is gzip middleware of the simple kind, which decides before the handler runs.
func compressed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		h.ServeHTTP(&compressor{w, zip}, r)
		_ = zip.Close()
	})
}

type compressor struct {
	http.ResponseWriter
	zip *gzip.Writer
}

func (c *compressor) Write(p []byte) (int, error) { return c.zip.Write(p) }

func (c *compressor) FlushError() error {
	_ = c.zip.Flush()
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// refusedCleanly requires what every response looks like whose session can't be written.
func refusedCleanly(t *testing.T, s *site, r *reply) {
	t.Helper()
	require.Equal(t, http.StatusInternalServerError, r.StatusCode)
	require.NoError(t, r.err)
	require.Nil(t, r.session(t))
	require.NotContains(t, r.body, "handler")
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	require.Equal(t, 1, s.count(sealjar.EventUnwritten, sealjar.ErrTooLarge))
	require.Equal(t, 1, s.count(sealjar.EventUnwritten, nil))
	require.Zero(t, s.count(sealjar.EventSealed, nil))
}
