//go:build unix

package fleet_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
)

// backend is a store of a fleet: a real server with settings under which it keeps what it acknowledges.
type backend struct {
	place  fleet.Place
	addr   string // where the server listens
	server interface {
		Kill() // as kill -9 does
		Start()
	} // nil if it is a file
	wipe func(t testing.TB)
}

// backends are all stores. Each has a server of its own, which starts when it is asked for.
var backends = []struct {
	name string
	// poll is how late a node may hear of a revocation, if it is not told.
	poll  time.Duration
	start func(t testing.TB) backend
}{
	{"Redis", 0, startRedis},
	{"NATS", 0, startNATS},
	{"PostgreSQL, listening", 0, func(t testing.TB) backend {
		return startPostgreSQL(t, fleet.Place{Listen: true, Poll: time.Second})
	}},
	{"PostgreSQL", 100 * time.Millisecond, func(t testing.TB) backend { return startPostgreSQL(t, fleet.Place{}) }},
	{"MariaDB", 100 * time.Millisecond, startMariaDB},
	{"SQLite", 100 * time.Millisecond, startSQLite},
}

// onEach runs a test on each store, all at the same time: they mostly wait.
func onEach(t *testing.T, test func(t *testing.T, b backend)) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			test(t, b.start(t))
		})
	}
}

func startRedis(t testing.TB) backend {
	server := testserver.Redis(t, "--appendonly", "yes", "--appendfsync", "always", "--save", "")
	return backend{place: fleet.Place{Driver: "redis", Address: server.Addr}, addr: server.Addr, server: server, wipe: func(t testing.TB) {
		client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true})
		defer client.Close()
		require.NoError(t, client.FlushAll(t.Context()).Err())
	}}
}

func startPostgreSQL(t testing.TB, p fleet.Place) backend {
	server, _ := testserver.PostgreSQL(t)
	p.Driver, p.Address = "postgresql", server.Addr
	return backend{place: p, addr: server.Addr, server: server, wipe: truncate(p, "TRUNCATE sealjar_revocations")}
}

func startMariaDB(t testing.TB) backend {
	server, _ := testserver.MariaDB(t)
	p := fleet.Place{Driver: "mysql", Address: server.Addr}
	return backend{place: p, addr: server.Addr, server: server, wipe: truncate(p, "TRUNCATE TABLE sealjar_revocations")}
}

func startSQLite(t testing.TB) backend {
	p := fleet.Place{Driver: "sqlite", Address: filepath.Join(t.TempDir(), "revocations.db")}
	return backend{place: p, wipe: truncate(p, "DELETE FROM sealjar_revocations")}
}

func truncate(p fleet.Place, statement string) func(t testing.TB) {
	return func(t testing.TB) {
		db, err := p.DB()
		require.NoError(t, err)
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}

// open is a handle of the test itself.
func (b backend) open(t testing.TB) revocation.Store {
	store, closeStore, err := b.place.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(closeStore)
	return store
}

// behind returns the place as it is seen through a proxy, which a file has not.
func (b backend) behind(t testing.TB) (fleet.Place, *testserver.Proxy) {
	if b.server == nil {
		return b.place, nil
	}
	proxy, place := testserver.NewProxy(t, b.addr), b.place
	place.Address = proxy.Addr
	return place, proxy
}
