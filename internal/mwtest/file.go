package mwtest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const mebibyte = 1 << 20

var files = []behaviour{
	{
		name:  "a file of 1 MiB: whole, and with the cookie",
		serve: serveFile,
		check: func(t *testing.T, s *site) {
			r := s.get(t)
			require.Len(t, r.body, mebibyte)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name:  "a part of a file: the cookie is on the 206",
		serve: serveFile,
		check: func(t *testing.T, s *site) {
			request := s.request(t, http.MethodGet, "/", nil)
			request.Header.Set("Range", "bytes=10-19")
			r := s.do(t, request)
			require.Equal(t, http.StatusPartialContent, r.StatusCode)
			require.Len(t, r.body, 10)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name:  "a file that the client has: the cookie is on the 304",
		serve: serveFile,
		check: func(t *testing.T, s *site) {
			request := s.request(t, http.MethodGet, "/", nil)
			request.Header.Set("If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			r := s.do(t, request)
			require.Equal(t, http.StatusNotModified, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name:  "a file reaches the server's own ReadFrom, which knows sendfile",
		on:    std1, // neither Echo's Response nor HTTP/2 has one
		serve: serveFile,
		around: func(s *site, h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(readerFrom{w, w.(io.ReaderFrom), s}, r)
			})
		},
		check: func(t *testing.T, s *site) {
			require.Len(t, s.get(t).body, mebibyte)
			// The client may have the last byte before ReadFrom has returned.
			require.Eventually(t, func() bool { return s.passed.Load() == mebibyte }, time.Minute, time.Millisecond)
		},
	},
}

// readerFrom counts what goes through ReadFrom.
type readerFrom struct {
	http.ResponseWriter
	below io.ReaderFrom
	site  *site
}

func (w readerFrom) ReadFrom(src io.Reader) (int64, error) {
	n, err := w.below.ReadFrom(src)
	w.site.passed.Add(n)
	return n, err
}

func serveFile(s *site) http.Handler {
	name := filepath.Join(s.t.TempDir(), "file.bin")
	require.NoError(s.t, os.WriteFile(name, bytes.Repeat([]byte{7}, mebibyte), 0o600))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.change(r)
		http.ServeFile(w, r, name)
	})
}
