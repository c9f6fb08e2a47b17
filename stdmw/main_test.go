package stdmw_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type data struct{ Text string }

// world is a jar.
type world struct{ jar *sealjar.Jar[data] }

func newWorld(t *testing.T) *world {
	jar, err := sealjar.New[data](sealjar.Options{Keys: sealjartest.Ring(t), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return &world{jar}
}

// request is one of subject, or of a session without one if that is empty.
func (w *world) request(t *testing.T, subject string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	return sealjartest.WithSession(t, w.jar, r, func(s *sealjar.Session[data]) {
		s.Data.Text = "hello"
		if subject != "" {
			require.NoError(t, s.SignIn(t.Context(), subject))
		}
	})
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}
