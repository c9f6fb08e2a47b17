package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

func TestFigures(t *testing.T) {
	v := visit(t, "alice")
	before := read[figures](t, v, "demo/process")
	require.Positive(t, before.Heap)
	require.Positive(t, before.Objects)
	require.Positive(t, before.Goroutines)
	require.Positive(t, before.Requests)
	require.Zero(t, before.Failed)
	for range 3 {
		v.get(t, v.std)
	}
	a := v.send(t, "demo/process", "")
	var after figures
	require.NoError(t, json.Unmarshal([]byte(a.body), &after))
	require.Equal(t, before.Requests+3, after.Requests)
	v.watch(t, func(s snapshot) bool { return s.Process.Requests == after.Requests })
}

func TestFailuresAreCounted(t *testing.T) {
	m := newMeter(newBell())
	for _, status := range []int{200, 303, 404, 499, 500, 503} {
		handler := m.timed("Echo", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	number, failed := m.answered()
	require.Equal(t, []int64{6, 2}, []int64{number, failed})
}

// What nobody needs any more is let go of: also revocations of what has expired.
func TestCollecting(t *testing.T) {
	l := &lab{bell: newBell(), meter: newMeter(newBell()), store: newSharedStore(newBell())}
	for name, until := range map[string]time.Duration{"over": -time.Minute, "needed": time.Minute} {
		now := time.Now()
		entry := revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: now.Add(-time.Hour), Until: now.Add(until)}
		require.NoError(t, l.store.Add(t.Context(), entry))
	}
	l.serveCollect(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/demo/process", nil))
	require.Equal(t, 1, l.store.Len())
}

// A client says what its path is and how its device is called, and no more of that is kept than is shown.
func TestWhatClientsSayIsCut(t *testing.T) {
	l := &lab{bell: newBell(), meter: newMeter(newBell())}
	long := strings.Repeat("a", 100_000)
	var device string
	handler := at("Echo", l.meter.timed("Echo", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		device = whereOf(r.Context()).device
	})))
	r := httptest.NewRequest(http.MethodGet, "/"+long, nil)
	r.Method = long
	r.Header.Set("User-Agent", devicePrefix+long)
	handler.ServeHTTP(httptest.NewRecorder(), r)
	require.Less(t, len(device), 60)
	require.Less(t, len(l.meter.view().Requests[0].What), 60)
}
