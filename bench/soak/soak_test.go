package soak_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/soak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShortRun(t *testing.T) {
	demo, err := soak.StartDemo(t.Context(), time.Minute)
	require.NoError(t, err)
	defer func() { require.NoError(t, demo.Stop()) }()
	var log, rest bytes.Buffer
	report, err := soak.Run(t.Context(), demo.Server, soak.Options{Requests: 3000, Clients: 4, Log: &log})
	require.NoError(t, err)
	require.NoError(t, report.Verdict(), "%s", &log)

	require.Len(t, report.Samples, 21)
	require.GreaterOrEqual(t, report.Samples[20].Requests, int64(3000))
	require.Equal(t, 22, bytes.Count(log.Bytes(), []byte("\n")))
	require.Len(t, report.Kinds, 14)
	require.ElementsMatch(t, []int{200, 204, 303, 401, 409, 413}, slices.Collect(maps.Keys(report.Statuses)))
	require.Positive(t, report.Samples[20].Heap)
	report.Write(&rest)
	require.Contains(t, rest.String(), soak.Rule)
}

// fake answers as the demo does to somebody whom it does not know, and has faults.
type fake struct {
	status     func(path string) int
	known      bool
	heap       uint64 // by which it grows from one look to the next
	objects    uint64
	goroutines int // that are left once it has been busy
	failed     int64
	looks      atomic.Int64
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.status != nil {
		if status := f.status(r.URL.Path); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	switch r.URL.Path {
	case "/demo/process":
		looks := f.looks.Add(1)
		figures := soak.Figures{Goroutines: 9, Failed: f.failed}
		figures.Heap, figures.Objects = 1<<20+uint64(looks)*f.heap, 1000+uint64(looks)*f.objects
		if looks > 1 {
			figures.Goroutines += f.goroutines
		}
		_ = json.NewEncoder(w).Encode(figures)
	case "/whoami":
		_ = json.NewEncoder(w).Encode(map[string]bool{"known": f.known})
	default:
		_, _ = io.WriteString(w, "Welcome to this page for the first time!\n")
	}
}

// What the soak is to find is found of a server that has it.
func TestFaultsAreFound(t *testing.T) {
	when := func(path string, status int) func(string) int {
		return func(asked string) int {
			if asked == path {
				return status
			}
			return 0
		}
	}
	for name, row := range map[string]struct {
		server *fake
		want   string
	}{
		"none":                            {&fake{}, ""},
		"a 5xx":                           {&fake{status: when("/fill", 502)}, "answers with status 502"},
		"a 5xx for what is hostile alone": {&fake{status: when("/whoami", 500)}, "answers with status 500"},
		"a 5xx that no client saw":        {&fake{failed: 1}, "has counted 1 answers with a 5xx"},
		"hostile cookies are taken":       {&fake{known: true}, "hostile cookies were taken"},
		"an answer that makes no sense":   {&fake{status: when("/whoami", 404)}, "hostile cookies were taken"},
		"a heap of more bytes":            {&fake{heap: 1 << 18}, "the heap has grown from"},
		"a heap of more objects":          {&fake{objects: 200}, "objects"},
		"a goroutine that is left":        {&fake{goroutines: 1}, "9 goroutines before, and 10 are left"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(row.server)
			defer server.Close()
			report, err := soak.Run(t.Context(), soak.Server{URLs: [2]string{server.URL + "/", server.URL + "/"}}, soak.Options{
				Requests: 400, Clients: 2, Patience: time.Millisecond, Log: io.Discard,
			})
			require.NoError(t, err)
			if row.want == "" {
				require.NoError(t, report.Verdict())
				return
			}
			require.ErrorContains(t, report.Verdict(), row.want)
		})
	}
}

func TestServerWithoutFigures(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := soak.Run(t.Context(), soak.Server{URLs: [2]string{server.URL + "/", server.URL + "/"}}, soak.Options{
		Requests: 1, Clients: 1, Log: io.Discard,
	})
	require.ErrorContains(t, err, "404 Not Found in place of its figures")
}

func TestVerdict(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*soak.Report)
		want   string
	}{
		"a server that stays as it was is good":      {func(*soak.Report) {}, ""},
		"a heap that grows at first only is good":    {func(r *soak.Report) { r.Samples[0].Heap = 1 << 10 }, ""},
		"fewer goroutines than before are good":      {func(r *soak.Report) { r.Left = 1 }, ""},
		"a client's fault is not the server's":       {func(r *soak.Report) { r.Statuses[413] = 7 }, ""},
		"a 5xx that no client saw is bad":            {func(r *soak.Report) { r.Samples[20].Failed = 2 }, "counted 2 answers"},
		"one 5xx is bad":                             {func(r *soak.Report) { r.Statuses[503] = 1 }, "1 answers with status 503"},
		"a goroutine that is left is bad":            {func(r *soak.Report) { r.Left = 4 }, "3 goroutines before, and 4 are left"},
		"a hostile cookie that was good is bad":      {func(r *soak.Report) { r.Accepted = []string{"a=b"} }, "such as \"a=b\""},
		"a heap that grows to the end is bad":        {grow, "the heap has grown from 11264 to 12800 KB"},
		"a heap of more and more objects is bad":     {scatter, "the heap has grown from 12000 to 18000 objects"},
		"a map that doubles once is good":            {double, ""},
		"a run that was hardly looked at is too few": {func(r *soak.Report) { r.Samples = r.Samples[:3] }, "too few samples"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &soak.Report{Statuses: map[int]int64{200: 1000}, Left: 3}
			for i := range 21 {
				r.Samples = append(r.Samples, soak.Sample{
					Elapsed: time.Duration(i) * time.Second, Figures: soak.Figures{Heap: 10 << 20, Goroutines: 3},
				})
			}
			row.change(r)
			if row.want == "" {
				require.NoError(t, r.Verdict())
				return
			}
			require.ErrorContains(t, r.Verdict(), row.want)
		})
	}
}

func scatter(r *soak.Report) {
	for i := range r.Samples {
		r.Samples[i].Objects = uint64(i) * 1000
	}
}

func double(r *soak.Report) {
	for i := range r.Samples[15:] {
		r.Samples[15+i].Heap += 300 << 10
	}
}

func grow(r *soak.Report) {
	for i := range r.Samples {
		r.Samples[i].Heap = 8<<20 + uint64(i)<<18
	}
}
