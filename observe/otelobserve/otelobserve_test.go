package otelobserve_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/observe/otelobserve"
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
	reader := sdk.NewManualReader()
	observe, err := otelobserve.New(otelobserve.Options{MeterProvider: sdk.NewMeterProvider(sdk.WithReader(reader))})
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
		"sealjar.cookie.size By {sealjar.cookie=__Host-session} 2",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=opened} 4",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=refused,sealjar.reason=expired} 1",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=refused,sealjar.reason=invalid} 1",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=renewed} 1",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=sealed} 1",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=unwritten,sealjar.reason=headers_sent} 1",
		"sealjar.session.events {event} {sealjar.cookie=__Host-session,sealjar.event=unwritten,sealjar.reason=too_large} 1",
	}, lines(t, reader))
}

// TestManySessionsAreFewSeries : whoever sends what, the number of series does not grow with it.
func TestManySessionsAreFewSeries(t *testing.T) {
	reader := sdk.NewManualReader()
	observe, err := otelobserve.New(otelobserve.Options{MeterProvider: sdk.NewMeterProvider(sdk.WithReader(reader))})
	require.NoError(t, err)
	jar, err := sealjar.New[state](sealjar.Options{Keys: sealjartest.Ring(t), Observe: observe, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	for i := range 200 {
		visit(jar, fmt.Sprint("__Host-session=forged", i), func(_ http.ResponseWriter, s *sealjar.Session[state]) {
			require.NoError(t, s.SignIn(t.Context(), fmt.Sprint("user", i)))
		})
	}
	require.Len(t, lines(t, reader), 3)
}

func TestGauges(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	key, err := keys.Generate(keys.HS256, now.Add(-time.Hour), time.Time{})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	require.NoError(t, err)
	secret, err := keys.FromSecrets("db57a76f1c58efd34a7f14beccf439f52716dc1a72e134656f78ebcf9e31f33e")
	require.NoError(t, err)
	stale := func() time.Duration { return 1500 * time.Millisecond }
	for _, c := range []struct {
		name    string
		options otelobserve.Options
		gauges  []string
	}{
		{"both", otelobserve.Options{Keys: ring, Staleness: stale}, []string{"sealjar.key.age", "sealjar.revocation.staleness"}},
		{"neither", otelobserve.Options{}, nil},
		{"a key without a date", otelobserve.Options{Keys: secret}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader := sdk.NewManualReader()
			c.options.MeterProvider = sdk.NewMeterProvider(sdk.WithReader(reader))
			_, err := otelobserve.New(c.options)
			require.NoError(t, err)
			var names []string
			for _, m := range collect(t, reader) {
				require.Equal(t, "s", m.Unit)
				names = append(names, m.Name)
				switch value := m.Data.(metricdata.Gauge[float64]).DataPoints[0].Value; m.Name {
				case "sealjar.key.age":
					require.GreaterOrEqual(t, value, time.Hour.Seconds())
					require.Less(t, value, 2*time.Hour.Seconds())
				default:
					require.Equal(t, 1.5, value)
				}
			}
			slices.Sort(names)
			require.Equal(t, c.gauges, names)
		})
	}
}

func TestWithoutAProviderTheGlobalOneIsUsed(t *testing.T) {
	observe, err := otelobserve.New(otelobserve.Options{})
	require.NoError(t, err)
	observe(sealjar.Event{Kind: sealjar.EventOpened, Context: t.Context()}) // which does nothing until the program sets one
}

func collect(t *testing.T, reader sdk.Reader) (all []metricdata.Metrics) {
	t.Helper()
	var got metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &got))
	for _, scope := range got.ScopeMetrics {
		require.Equal(t, "github.com/sealjar/sealjar/observe/otelobserve", scope.Scope.Name)
		all = append(all, scope.Metrics...)
	}
	return all
}

// lines are the series that were counted: name, unit, attributes and sum, or count for a histogram.
func lines(t *testing.T, reader sdk.Reader) (all []string) {
	t.Helper()
	add := func(m metricdata.Metrics, set attribute.Set, value any) {
		all = append(all, fmt.Sprintf("%s %s {%s} %v", m.Name, m.Unit, set.Encoded(attribute.DefaultEncoder()), value))
	}
	for _, m := range collect(t, reader) {
		switch d := m.Data.(type) {
		case metricdata.Sum[int64]:
			require.True(t, d.IsMonotonic)
			for _, p := range d.DataPoints {
				add(m, p.Attributes, p.Value)
			}
		case metricdata.Histogram[int64]:
			for _, p := range d.DataPoints {
				add(m, p.Attributes, p.Count)
			}
		}
	}
	slices.Sort(all)
	return all
}

// One observer counts for all jars of a program.
func ExampleNew() {
	ring, err := keys.FromSecrets("db57a76f1c58efd34a7f14beccf439f52716dc1a72e134656f78ebcf9e31f33e")
	if err != nil {
		log.Fatal(err)
	}
	reader := sdk.NewManualReader() // in a program: a periodic reader with an exporter
	observe, err := otelobserve.New(otelobserve.Options{MeterProvider: sdk.NewMeterProvider(sdk.WithReader(reader)), Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[state](sealjar.Options{Keys: ring, Observe: observe})
	if err != nil {
		log.Fatal(err)
	}
	visit(jar, "", write)
	var got metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &got); err != nil {
		log.Fatal(err)
	}
	for _, m := range got.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name, m.Unit)
	}
	// Output:
	// sealjar.session.events {event}
	// sealjar.cookie.size By
}
