package mwtest

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is about the request: its body, its end, its goroutines.
var bodies = []behaviour{
	{
		name: "a body after 100 Continue: the cookie is on the final response",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		}),
		check: func(t *testing.T, s *site) {
			continued := false
			r := s.request(t, http.MethodPost, "/", strings.NewReader("hello"))
			r.Header.Set("Expect", "100-continue")
			got := s.do(t, r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
				Got100Continue: func() { continued = true },
			})))
			require.True(t, continued)
			require.Equal(t, "hello", got.body)
			require.Equal(t, 1, s.saved(t, got).Data.N)
		},
	},
	{
		name: "a body that is refused in place of 100 Continue: the cookie is on the refusal",
		on:   http1,
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			http.Error(w, "no", http.StatusExpectationFailed)
		}),
		check: func(t *testing.T, s *site) {
			r := s.request(t, http.MethodPost, "/", strings.NewReader("hello"))
			r.Header.Set("Expect", "100-continue")
			got := s.do(t, r)
			require.Equal(t, http.StatusExpectationFailed, got.StatusCode)
			require.Equal(t, 1, s.saved(t, got).Data.N)
		},
	},
	{
		name: "a body over a limit: the cookie is on the 413",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			var limit *http.MaxBytesError
			if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3)); errors.As(err, &limit) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
		}),
		check: func(t *testing.T, s *site) {
			r := s.do(t, s.request(t, http.MethodPost, "/", strings.NewReader("hello")))
			require.Equal(t, http.StatusRequestEntityTooLarge, r.StatusCode)
			require.Equal(t, 1, s.saved(t, r).Data.N)
		},
	},
	{
		name: "a client that hangs up: the handler sees it, and nothing breaks",
		serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
			s.change(r)
			close(s.reached)
			<-r.Context().Done()
			_, _ = io.WriteString(w, "nobody reads this")
		}),
		check: func(t *testing.T, s *site) {
			hangUp(t, s)
			s.settle()
		},
	},
	{
		name: "several goroutines of a request ask for the session: it is one",
		serve: serving(func(s *site, _ http.ResponseWriter, r *http.Request) {
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					if err := s.jar.From(r.Context()).AddFlash("info", "hello"); err != nil {
						panic(err)
					}
				})
			}
			group.Wait()
		}),
		check: func(t *testing.T, s *site) {
			require.Len(t, s.saved(t, s.get(t)).Flashes, 8)
		},
	},
}

// removesTemporaryFiles : the server removes those of its own request, and the handler gets another.
func removesTemporaryFiles(t *testing.T, k Stack) {
	directory := t.TempDir()
	t.Setenv("TMPDIR", directory)
	s := open(t, behaviour{serve: serving(func(s *site, w http.ResponseWriter, r *http.Request) {
		require.NoError(s.t, r.ParseMultipartForm(1))
		entries, err := os.ReadDir(directory)
		require.NoError(s.t, err)
		require.NotEmpty(s.t, entries)
	})}, k)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "big.bin")
	require.NoError(t, err)
	_, err = part.Write(make([]byte, 11*mebibyte))
	require.NoError(t, err)
	require.NoError(t, form.Close())

	r := s.request(t, http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	s.do(t, r)
	s.close()
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// passesPattern : who logs outside of the middleware sees which pattern of the mux inside has matched.
func passesPattern(t *testing.T, k Stack) {
	var pattern string
	s := open(t, behaviour{
		serve: func(*site) http.Handler {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /{page...}", func(http.ResponseWriter, *http.Request) {})
			return mux
		},
		around: func(_ *site, h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r)
				pattern = r.Pattern
			})
		},
	}, k)
	s.get(t)
	s.settle()
	require.Equal(t, "GET /{page...}", pattern)
}
