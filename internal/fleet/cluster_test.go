//go:build unix

package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/internal/testserver"
)

// natsCluster is three servers which keep three replicas.
type natsCluster []*natsServer

func startNATSCluster(t testing.TB) (natsCluster, fleet.Place) {
	var routes []int
	for range 3 {
		routes = append(routes, testserver.FreePort(t))
	}
	var cluster natsCluster
	var addresses []string
	for i := range 3 {
		s := &natsServer{Name: fmt.Sprint("fleet-", i), Port: testserver.FreePort(t), Route: routes[i], Routes: routes, Dir: t.TempDir(), t: t}
		s.Start()
		t.Cleanup(s.Kill)
		cluster, addresses = append(cluster, s), append(addresses, s.addr())
	}
	place := fleet.Place{Driver: "nats", Address: strings.Join(addresses, ","), Replicas: 3}
	require.Eventually(t, func() bool {
		_, closeStore, err := place.Open(t.Context())
		if err == nil {
			closeStore()
		}
		return err == nil
	}, patience, 100*time.Millisecond, "the servers find each other")
	return cluster, place
}

// leader is the server that orders the stream's messages.
func (c natsCluster) leader(t testing.TB, place fleet.Place) (leader *natsServer) {
	conn, err := nats.Connect("nats://"+strings.ReplaceAll(place.Address, ",", ",nats://"), nats.Timeout(patience))
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		stream, err := js.Stream(t.Context(), "sealjar-revocations")
		if err != nil {
			return false
		}
		for _, s := range c {
			if s.Name == stream.CachedInfo().Cluster.Leader {
				leader = s
			}
		}
		return leader != nil
	}, patience, 50*time.Millisecond, "no leader")
	return leader
}

// Three nodes revoke while the leader of three servers is killed, as kill -9 does, and comes back. What was
// acknowledged is refused on every node, also on one that comes later.
func TestFleetOnAClusterWhoseLeaderDies(t *testing.T) {
	cluster, place := startNATSCluster(t)
	trio := startTrio(t, backend{place: place})
	var acknowledged []string
	storm := startStorm(t, trio)
	storm.halfway()
	leader := cluster.leader(t, place)
	leader.Kill()
	acknowledged = append(acknowledged, storm.end()...)
	require.NotEqual(t, leader.Name, cluster.leader(t, place).Name)
	leader.Start()

	require.Len(t, acknowledged, underEachFault)
	late := startNode(t, fleet.Config{Place: place}).ready()
	require.Equal(t, fleet.Verdicts{Refused: len(acknowledged)}, late.check(acknowledged))
	innocent := []string{newSID(), newSID(), newSID()}
	for _, n := range append(trio.nodes[:], late) {
		n.requireRefused(acknowledged)
		n.requireAccepted(innocent)
	}
}
