package promobserve_test

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/observe/promobserve"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type state struct{ Text string }

// visit is a request whose handler does what it is told. It returns the cookie that the client has afterwards.
func visit(jar *sealjar.Jar[state], cookie string, do func(w http.ResponseWriter, s *sealjar.Session[state])) string {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do(w, jar.From(r.Context()))
	})).ServeHTTP(w, r)
	if set := w.Header().Get("Set-Cookie"); set != "" {
		cookie, _, _ = strings.Cut(set, ";")
	}
	return cookie
}

func read(http.ResponseWriter, *sealjar.Session[state]) {}

func write(_ http.ResponseWriter, s *sealjar.Session[state]) { s.Data.Text += "x" }

func TestEventsAreCounted(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	observe, err := promobserve.New(promobserve.Options{Registerer: registry})
	require.NoError(t, err)
	now := time.Now()
	jar, err := sealjar.New[state](sealjar.Options{
		Keys: sealjartest.Ring(t), Observe: observe, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	})
	require.NoError(t, err)

	cookie := visit(jar, "", write)
	visit(jar, cookie, read)
	visit(jar, "__Host-session=forged", read)
	visit(jar, cookie, func(_ http.ResponseWriter, s *sealjar.Session[state]) { s.Data.Text = strings.Repeat("x", 5000) })
	visit(jar, cookie, func(w http.ResponseWriter, s *sealjar.Session[state]) {
		w.WriteHeader(http.StatusOK)
		s.Data.Text = "late"
	})
	now = now.Add(20 * time.Minute)
	visit(jar, cookie, read)
	now = now.Add(time.Hour)
	visit(jar, cookie, read)

	require.Equal(t, []string{
		`sealjar_cookie_size_bytes {cookie="__Host-session"} 2`,
		`sealjar_session_events_total {cookie="__Host-session",event="opened",reason=""} 4`,
		`sealjar_session_events_total {cookie="__Host-session",event="refused",reason="expired"} 1`,
		`sealjar_session_events_total {cookie="__Host-session",event="refused",reason="invalid"} 1`,
		`sealjar_session_events_total {cookie="__Host-session",event="renewed",reason=""} 1`,
		`sealjar_session_events_total {cookie="__Host-session",event="sealed",reason=""} 1`,
		`sealjar_session_events_total {cookie="__Host-session",event="unwritten",reason="headers_sent"} 1`,
		`sealjar_session_events_total {cookie="__Host-session",event="unwritten",reason="too_large"} 1`,
	}, lines(t, registry))
}

// lines are the series of a registry: name, labels and value, or count for a histogram.
func lines(t *testing.T, registry prometheus.Gatherer) (all []string) {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if h := m.GetHistogram(); h != nil {
				value = float64(h.GetSampleCount())
			}
			all = append(all, fmt.Sprintf("%s {%s} %v", f.GetName(), labels(m), value))
		}
	}
	slices.Sort(all)
	return all
}

func labels(m *dto.Metric) string {
	var text []string
	for _, l := range m.GetLabel() {
		text = append(text, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	return strings.Join(text, ",")
}

// TestManySessionsAreFewSeries : whoever sends what, the number of series does not grow with it.
func TestManySessionsAreFewSeries(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	observe, err := promobserve.New(promobserve.Options{Registerer: registry})
	require.NoError(t, err)
	jar, err := sealjar.New[state](sealjar.Options{Keys: sealjartest.Ring(t), Observe: observe, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	for i := range 200 {
		visit(jar, fmt.Sprint("__Host-session=forged", i), func(_ http.ResponseWriter, s *sealjar.Session[state]) {
			require.NoError(t, s.SignIn(t.Context(), fmt.Sprint("user", i)))
		})
	}
	require.Len(t, lines(t, registry), 3)
}

func TestGauges(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	key, err := keys.Generate(keys.HS256, now.Add(-time.Hour), time.Time{})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	require.NoError(t, err)
	registry := prometheus.NewPedanticRegistry()
	_, err = promobserve.New(promobserve.Options{
		Registerer: registry, Keys: ring, Staleness: func() time.Duration { return 1500 * time.Millisecond },
	})
	require.NoError(t, err)
	require.Equal(t, 1.5, gauge(t, registry, "sealjar_revocation_staleness_seconds"))
	age := gauge(t, registry, "sealjar_key_age_seconds")
	require.GreaterOrEqual(t, age, time.Hour.Seconds())
	require.Less(t, age, 2*time.Hour.Seconds())

	secret, err := keys.FromSecrets("db57a76f1c58efd34a7f14beccf439f52716dc1a72e134656f78ebcf9e31f33e")
	require.NoError(t, err)
	undated := prometheus.NewPedanticRegistry()
	_, err = promobserve.New(promobserve.Options{Registerer: undated, Keys: secret})
	require.NoError(t, err)
	require.True(t, math.IsNaN(gauge(t, undated, "sealjar_key_age_seconds")))
}

func gauge(t *testing.T, registry prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
	require.GreaterOrEqual(t, i, 0, name)
	return families[i].GetMetric()[0].GetGauge().GetValue()
}

func TestRefusedOptions(t *testing.T) {
	_, err := promobserve.New(promobserve.Options{})
	require.EqualError(t, err, "promobserve: Options.Registerer is missing")
	registry := prometheus.NewPedanticRegistry()
	_, err = promobserve.New(promobserve.Options{Registerer: registry})
	require.NoError(t, err)
	_, err = promobserve.New(promobserve.Options{Registerer: registry})
	var twice prometheus.AlreadyRegisteredError
	require.True(t, errors.As(err, &twice), "one observer serves all jars")
}

// One observer counts for all jars of a program.
func ExampleNew() {
	ring, err := keys.FromSecrets("db57a76f1c58efd34a7f14beccf439f52716dc1a72e134656f78ebcf9e31f33e")
	if err != nil {
		log.Fatal(err)
	}
	observe, err := promobserve.New(promobserve.Options{Registerer: prometheus.DefaultRegisterer, Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[state](sealjar.Options{Keys: ring, Observe: observe})
	if err != nil {
		log.Fatal(err)
	}
	visit(jar, "", write)
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "sealjar_session_events_total" {
			fmt.Println(labels(f.GetMetric()[0]), f.GetMetric()[0].GetCounter().GetValue())
		}
	}
	// Output:
	// cookie="__Host-session",event="sealed",reason="" 1
}
