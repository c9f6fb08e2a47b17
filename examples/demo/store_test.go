package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/revocationtest"
)

// storeOnly is a lab with nothing but a store.
func storeOnly(ctx context.Context) *lab {
	b := newBell()
	return &lab{ctx: ctx, bell: b, store: newSharedStore(b), journal: &journal{bell: b}, node: &nodeState{}}
}

func serveBackstage(t testing.TB, l *lab) *httptest.Server {
	server := httptest.NewServer(backstage(l, "secret"))
	t.Cleanup(server.Close)
	return server
}

func remote(t testing.TB, url string) *remoteStore {
	client := newClient()
	t.Cleanup(client.CloseIdleConnections)
	return &remoteStore{url: url + "/", secret: "secret", client: client, applied: func([]revocation.Entry) {}}
}

// TestRemoteStoreIsAStore holds what the second process sees of the store to what every store must do.
func TestRemoteStoreIsAStore(t *testing.T) {
	revocationtest.Run(t, func(t testing.TB) revocationtest.Backend {
		var place atomic.Pointer[http.Handler]
		wipe := func() {
			h := backstage(storeOnly(t.Context()), "secret")
			place.Store(&h)
		}
		wipe()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*place.Load()).ServeHTTP(w, r) }))
		t.Cleanup(server.Close)
		return revocationtest.Backend{
			Open: func(t testing.TB) revocation.Store { return remote(t, server.URL) },
			Wipe: func(testing.TB) { wipe() },
		}
	})
}

func TestBackstageAsksForItsSecret(t *testing.T) {
	server := serveBackstage(t, storeOnly(t.Context()))
	for secret, want := range map[string]int{"Bearer secret": 200, "Bearer Secret": 401, "Bearer ": 401, "secret": 401, "": 401} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/store/read", http.NoBody)
		require.NoError(t, err)
		r.Body = http.NoBody
		r.Header.Set("Authorization", secret)
		if want == 200 {
			want = 400 // it has got in, and has said nothing
		}
		response, err := plainClient().Do(r)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, want, response.StatusCode, secret)
	}
}

// While the store is away nothing of it is answered, nor goes on waiting. What was recorded meanwhile is there afterwards.
func TestStoreIsTakenAway(t *testing.T) {
	l := storeOnly(t.Context())
	far := remote(t, serveBackstage(t, l).URL)
	entry := revocation.Entry{Kind: revocation.Subject, Name: "alice", Cutoff: time.Now(), Until: time.Now().Add(time.Hour)}

	cursor, err := far.Read(t.Context(), "", func([]revocation.Entry) error { return nil })
	require.NoError(t, err)
	waited := make(chan error)
	go func() { waited <- far.Wait(t.Context(), cursor) }()
	l.store.takeAway(true)
	require.Error(t, <-waited)
	_, err = far.Read(t.Context(), cursor, func([]revocation.Entry) error { return nil })
	require.ErrorContains(t, err, "503")
	require.Error(t, far.Add(t.Context(), entry))

	require.NoError(t, l.store.Add(t.Context(), entry))
	l.store.takeAway(false)
	var got []revocation.Entry
	_, err = far.Read(t.Context(), cursor, func(batch []revocation.Entry) error {
		got = append(got, batch...)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, got, 1)
}

func TestPropagationIsMeasuredOnce(t *testing.T) {
	s := newSharedStore(newBell())
	now := time.Now()
	require.NoError(t, s.Add(t.Context(), revocation.Entry{Kind: revocation.Session, Name: "a", Cutoff: now, Until: now}))
	require.Equal(t, int64(-1), s.view()[0].Micros)
	s.learned(revocation.Subject, "a", now.Add(time.Hour))
	require.Equal(t, int64(-1), s.view()[0].Micros, "of another kind")
	s.learned(revocation.Session, "a", s.recent[0].at.Add(3*time.Millisecond))
	s.learned(revocation.Session, "a", now.Add(time.Hour))
	require.Equal(t, int64(3000), s.view()[0].Micros)
	for range keptRevocations {
		require.NoError(t, s.Add(t.Context(), revocation.Entry{Kind: revocation.Session, Name: "b", Cutoff: now, Until: now}))
	}
	require.Len(t, s.view(), keptRevocations)
	require.Equal(t, "b", s.view()[keptRevocations-1].Name)
}

// The same may be revoked twice in one millisecond, and the page has a row for each.
func TestRevocationsAreNumbered(t *testing.T) {
	s := newSharedStore(newBell())
	entry := revocation.Entry{Kind: revocation.Session, Name: "a", Cutoff: time.Now(), Until: time.Now().Add(time.Hour)}
	for range keptRevocations + 2 {
		require.NoError(t, s.Add(t.Context(), entry, entry))
	}
	last := int64(2 * (keptRevocations + 2))
	for i, v := range s.view() {
		require.Equal(t, last-int64(i), v.Number)
	}
}
