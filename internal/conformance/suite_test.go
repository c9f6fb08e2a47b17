package conformance_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/control"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// forgetful is a site that answers every page alike and keeps nothing.
type forgetful struct{ lacks map[string]string }

func (forgetful) ServeHTTP(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }
func (f forgetful) About() conformance.About {
	return conformance.About{Cookie: "session", Second: "second", Lacks: f.lacks}
}
func (forgetful) Clock(time.Duration) error     { return nil }
func (forgetful) Keys(string) error             { return nil }
func (forgetful) Configure(time.Duration) error { return nil }
func (forgetful) Deploy(string) error           { return nil }
func (forgetful) Hold() *control.Hold           { return nil }

func examine(t *testing.T, site control.Site, err error) map[conformance.Verdict][]conformance.Result {
	server := httptest.NewServer(control.New(func(url.Values) (control.Site, error) { return site, err }))
	defer server.Close()
	found := make(map[conformance.Verdict][]conformance.Result)
	for _, r := range conformance.Examine(conformance.Target{URL: server.URL, Client: server.Client()}) {
		found[r.Verdict] = append(found[r.Verdict], r)
	}
	return found
}

// TestNothingPassesWithoutSessions : a behaviour that would is not examined at all.
func TestNothingPassesWithoutSessions(t *testing.T) {
	found := examine(t, forgetful{}, nil)
	require.Empty(t, found[conformance.Pass])
	require.Empty(t, found[conformance.NA])
	require.NotEmpty(t, found[conformance.Fail])
}

func TestWhatASiteLacksIsNotApplicable(t *testing.T) {
	found := examine(t, forgetful{map[string]string{"clock": "it has none"}}, nil)
	require.NotEmpty(t, found[conformance.NA])
	for _, r := range found[conformance.NA] {
		require.Equal(t, "it has none", r.Why)
	}
}

func TestASiteThatCannotBeDrivenFails(t *testing.T) {
	found := examine(t, nil, errors.New("no"))
	require.Empty(t, found[conformance.Pass])
	require.Empty(t, found[conformance.NA])
}
