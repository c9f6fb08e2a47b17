package sealjar_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// webOutput is everything that came out of a scenario besides responses.
type webOutput struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *webOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// Show prints a value in every way that somebody may print it.
func (o *webOutput) Show(value any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(o, verb+"\n", value)
	}
	if text, err := json.Marshal(value); err == nil {
		fmt.Fprintf(o, "%s\n", text)
	}
	slog.New(slog.NewTextHandler(o, nil)).Info("shown", "value", value)
}

// In a busy life with every kind of trouble nobody prints a piece of a token, of a key or of the data.
func TestEventsHoldNoSecret(t *testing.T) {
	var out webOutput
	clock := newWebClock()
	secret := sealjartest.Ring(t)
	options := sealjar.Options{
		Keys: secret, Now: clock.Now, Revocation: new(webList),
		Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 4, AddSource: true})),
	}
	options.Observe = func(e sealjar.Event) { out.Show(e); out.Show(&e) }
	tokens := webBusyLife(t, options, clock, &out)
	text := out.text.String()
	require.GreaterOrEqual(t, len(tokens), 5)
	for _, kind := range []string{"opened", "refused", "sealed", "ended", "unwritten", "uncached", "twins"} {
		require.Contains(t, text, `"msg":"session `+kind+`"`, "the scenario is not busy enough")
	}

	const private = "tell-nobody"
	for _, form := range []string{private, hex.EncodeToString([]byte(private)), strings.Trim(fmt.Sprint([]byte(private)), "[]")} {
		require.False(t, strings.Contains(text, form), "the data, as %s", form)
	}
	for _, token := range tokens {
		for i := 0; i+12 <= len(token); i++ {
			require.False(t, strings.Contains(text, token[i:i+12]), "a piece of a token at %d of %d", i, len(token))
		}
	}
	file, err := keys.Marshal(secret)
	require.NoError(t, err)
	var set struct {
		Keys []struct {
			K string `json:"k"`
		} `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(file, &set))
	require.Len(t, set.Keys, 2)
	for _, key := range set.Keys {
		raw, err := base64.RawURLEncoding.DecodeString(key.K)
		require.NoError(t, err)
		require.Len(t, raw, 32)
		for _, form := range []string{key.K, hex.EncodeToString(raw), string(raw), fmt.Sprint(raw), fmt.Sprintf("%#v", raw)} {
			require.False(t, strings.Contains(text, form[:24]), "a key")
		}
	}
}

// webBusyLife is the scenario. It returns all tokens that were made.
func webBusyLife(t *testing.T, options sealjar.Options, clock *webClock, out *webOutput) (tokens []string) {
	t.Helper()
	jar := webJar(t, options)
	handler := stdmw.New(jar, stdmw.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		out.Show(err)
		http.Error(w, "sorry", http.StatusInternalServerError)
	}})
	visit := func(cookie string, do webSession) string {
		w := httptest.NewRecorder()
		handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := jar.From(r.Context())
			out.Show(s.Err())
			out.Show(jar.Check(r.Context()))
			do(w, s)
			out.Show(r.Context())
		})).ServeHTTP(w, newWebRequest(cookie))
		lines := append([]string{""}, w.Header()["Set-Cookie"]...)
		pair, _, _ := strings.Cut(lines[len(lines)-1], ";") // before it may be deletions
		if _, token, _ := strings.Cut(pair, "="); token != "" {
			tokens = append(tokens, token)
		}
		return pair
	}
	private := func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		s.Data = webState{Views: 1, Text: "tell-nobody " + strings.Repeat("x", s.Data.Views)}
		out.Show(s.AddFlash("tell-nobody-kind", "tell-nobody-text"))
	}
	alice := visit("", func(w http.ResponseWriter, s *sealjar.Session[webState]) {
		private(w, s)
		out.Show(s.SignIn(t.Context(), "alice"))
	})
	changed := []byte(alice)
	changed[len(changed)-40] ^= 1
	later := visit(alice+"; "+string(changed), private)
	_ = visit(alice+"x; "+later, webRead)
	_ = visit(strings.Replace(later, "session=", "session=.", 1), webRead)
	_ = visit(later, func(w http.ResponseWriter, s *sealjar.Session[webState]) { webText(9000)(w, s) })
	_ = visit(later, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
		w.Header().Set("Cache-Control", "public")
		s.Data.Text = "tell-nobody, and cache it"
	})
	_ = visit(later, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
		w.WriteHeader(http.StatusOK)
		out.Show(s.AddFlash("late", "tell-nobody"))
		s.Data.Text = "tell-nobody, too late"
	})
	other, err := sealjar.New[map[string]int](options)
	require.NoError(t, err)
	_, err = other.Load(newWebRequest(later)) // the text is no number
	require.ErrorIs(t, err, sealjar.ErrInvalid)
	out.Show(err)
	elsewhere := webJar(t, sealjar.Options{Now: clock.Now, Logger: options.Logger, Observe: options.Observe})
	_, err = elsewhere.Load(newWebRequest(later))
	require.ErrorIs(t, err, sealjar.ErrInvalid)
	out.Show(err)
	renewed := visit(later, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { out.Show(s.Renew(t.Context())) })
	_ = visit(later, webRead)
	_ = visit(renewed, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { out.Show(s.End(t.Context())) })
	_ = visit(renewed, webRead)
	bob := visit("", private)
	clock.Move(24 * time.Hour)
	_ = visit(bob, webRead)
	for _, bad := range []error{jar.EndAll(t.Context(), ""), jar.EndAll(t.Context(), strings.Repeat("tell-nobody", 50))} {
		require.Error(t, bad)
		out.Show(bad)
	}
	return tokens
}
