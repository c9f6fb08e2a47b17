package sealjar_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// webText makes a session of so many letters.
func webText(n int) webSession {
	return func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Text = strings.Repeat("x", n) }
}

// The largest cookie that passes has exactly the 4,096 bytes of name and value that browsers keep.
func TestCookieLargest(t *testing.T) {
	// Base64 inside of base64 makes the length go in steps, and the length of the name fills the gap.
	sizes := map[int]bool{}
	for length := 1; length <= 12; length++ {
		name := strings.Repeat("n", length)
		jar := webJar(t, sealjar.Options{Cookie: sealjar.Cookie{Name: name}})
		largest, fits := 0, false
		for n := 1900; n < 2200; n++ {
			response := webServe(jar, webText(n))
			line := response.Header.Get("Set-Cookie")
			if line == "" {
				require.True(t, fits)
				require.Equal(t, http.StatusInternalServerError, response.StatusCode)
				break
			}
			require.Equal(t, http.StatusOK, response.StatusCode)
			pair, _, _ := strings.Cut(line, ";")
			largest, fits = len(pair)-len("="), true
		}
		require.LessOrEqual(t, largest, 4096)
		require.Greater(t, largest, 4096-8)
		sizes[largest] = true
	}
	require.Contains(t, sizes, 4096)
}

// README and docs/format.md say how much JSON fits: with the default cookie, for somebody who is signed in.
func TestCookieHoldsAsMuchAsTheDocumentsSay(t *testing.T) {
	largest := 0
	for n := 1800; n < 2200; n++ {
		response := webServe(webJar(t, sealjar.Options{}), func(w http.ResponseWriter, s *sealjar.Session[webState]) {
			require.NoError(t, s.SignIn(t.Context(), "c7e1a3f0-5b5d-4a53-9a43-0d6f4f9a2f11"))
			webText(n)(w, s)
		})
		if response.StatusCode != http.StatusOK {
			break
		}
		largest = n + len(`{"text":""}`)
	}
	t.Logf("the largest data has %d bytes of JSON", largest)
	require.InDelta(t, 1900, largest, 50)
	for page, says := range map[string]string{
		"README.md":      "about 1,900 bytes of JSON",
		"doc.go":         "about 1,900 bytes of JSON",
		"docs/format.md": "about 1900 bytes of JSON",
	} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Contains(t, strings.Join(strings.Fields(string(text)), " "), says)
	}
}

func TestCookieTooLarge(t *testing.T) {
	for _, n := range []int{2500, 5000, 100_000} {
		events := new(webEvents)
		jar := webJar(t, sealjar.Options{Observe: events.Observe})
		sealed := webSealViews(t, jar, 7)
		events.Take()
		page := func(w http.ResponseWriter, s *sealjar.Session[webState]) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "9")
			w.Header().Add("Set-Cookie", "theme=dark")
			webText(n)(w, s)
			_, err := w.Write([]byte("all saved"))
			require.ErrorIs(t, err, sealjar.ErrTooLarge)
			_, err = w.Write([]byte("all saved"))
			require.ErrorIs(t, err, sealjar.ErrTooLarge)
		}

		t.Run(fmt.Sprint(n, " bytes, answered by default"), func(t *testing.T) {
			response := webServe(jar, page, sealed)
			require.Equal(t, http.StatusInternalServerError, response.StatusCode)
			require.Equal(t, "Internal Server Error\n", webBody(t, response))
			require.Equal(t, []string{"theme=dark"}, response.Header["Set-Cookie"])
			require.NotEqual(t, "9", response.Header.Get("Content-Length"))
			checkTooLarge(t, events)
		})
		t.Run(fmt.Sprint(n, " bytes, answered by the application"), func(t *testing.T) {
			handler := stdmw.New(jar, stdmw.Options{ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				require.ErrorIs(t, err, sealjar.ErrTooLarge)
				http.Error(w, "your basket is full", http.StatusRequestEntityTooLarge)
			}})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page(w, jar.From(r.Context())) }))
			w := newWebRecorder()
			handler.ServeHTTP(w, newWebRequest(sealed))
			response := w.Result()
			require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
			require.Equal(t, "your basket is full\n", webBody(t, response))
			require.Equal(t, []string{"theme=dark"}, response.Header["Set-Cookie"])
			checkTooLarge(t, events)
		})
		t.Run(fmt.Sprint(n, " bytes, saved without middleware"), func(t *testing.T) {
			s, err := jar.Load(newWebRequest(sealed))
			require.NoError(t, err)
			s.Data.Text = strings.Repeat("x", n)
			w := newWebRecorder()
			require.ErrorIs(t, jar.Save(w, s), sealjar.ErrTooLarge)
			require.Empty(t, w.Header()["Set-Cookie"])
			checkTooLarge(t, events)
		})
	}
}

// checkTooLarge wants one event for the lost change, with the sizes that help to find out why.
func checkTooLarge(t *testing.T, events *webEvents) {
	t.Helper()
	all := events.Take()
	require.Len(t, all, 2)
	require.Equal(t, sealjar.EventOpened, all[0].Kind)
	require.Equal(t, sealjar.EventUnwritten, all[1].Kind)
	require.ErrorIs(t, all[1].Err, sealjar.ErrTooLarge)
	require.False(t, errors.Is(all[1].Err, sealjar.ErrInvalid))
	require.Regexp(t, `\d{4,} bytes.*4096`, all[1].Err.Error())
	require.NotEmpty(t, all[1].SessionID)
	require.NotContains(t, all[1].Err.Error(), "xx")
}
