package natsstore_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/natsstore"
	"github.com/sealjar/sealjar/revocation/revocationtest"
)

func open(t testing.TB, js jetstream.JetStream, options natsstore.Options) *natsstore.Store {
	t.Helper()
	var s *natsstore.Store
	require.EventuallyWithT(t, func(t *assert.CollectT) { // a cluster needs a while to make room for a stream
		var err error
		s, err = natsstore.Open(context.Background(), js, options)
		require.NoError(t, err)
	}, time.Minute, 50*time.Millisecond)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestConformance(t *testing.T) {
	purge := func(t testing.TB, js jetstream.JetStream, name string) {
		stream, err := js.Stream(t.Context(), name)
		require.NoError(t, err)
		require.NoError(t, stream.Purge(t.Context()))
	}
	remove := func(t testing.TB, js jetstream.JetStream, name string) {
		require.NoError(t, js.DeleteStream(t.Context(), name))
	}
	one := func(t testing.TB) []*natsServer { return []*natsServer{startServer(t)} }
	for _, mode := range []struct {
		name    string
		servers func(t testing.TB) []*natsServer
		options natsstore.Options
		wipe    func(t testing.TB, js jetstream.JetStream, name string)
	}{
		{"one server, purged", one, natsstore.Options{Replicas: 1}, purge},
		{"one server in memory, deleted", one, natsstore.Options{Replicas: 1, InsecureMemory: true}, remove},
		{"three servers, purged", startCluster, natsstore.Options{}, purge},
	} {
		t.Run(mode.name, func(t *testing.T) {
			servers := mode.servers(t)
			var places atomic.Int64
			revocationtest.Run(t, func(testing.TB) revocationtest.Backend {
				options := mode.options
				options.Stream, options.CreateStream = fmt.Sprint("test", places.Add(1)), true
				return revocationtest.Backend{
					Open: func(t testing.TB) revocation.Store {
						_, js := connect(t, servers...)
						return open(t, js, options)
					},
					Wipe: func(t testing.TB) {
						_, js := connect(t, servers...)
						mode.wipe(t, js, options.Stream)
					},
				}
			})
		})
	}
}
