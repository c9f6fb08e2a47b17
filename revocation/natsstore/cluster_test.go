package natsstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/natsstore"
)

var replicated = natsstore.Options{Stream: "test", CreateStream: true}

// leader returns the server that leads the stream, and the others.
func leader(t testing.TB, servers []*natsServer) (first *natsServer, others []*natsServer) {
	t.Helper()
	_, js := connect(t, servers...)
	stream, err := js.Stream(t.Context(), "test")
	require.NoError(t, err)
	for _, s := range servers {
		if s.Name == stream.CachedInfo().Cluster.Leader {
			first = s
		} else {
			others = append(others, s)
		}
	}
	require.NotNil(t, first)
	return first, others
}

// TestFailover kills the leader between acknowledgement and everything else. The others know all, and the handle goes on.
func TestFailover(t *testing.T) {
	servers := startCluster(t)
	_, js := connect(t, servers...)
	s := open(t, js, replicated)
	_, cursor := names(t, s, "")
	var want []string
	for i := range 100 {
		name := fmt.Sprint(i)
		require.NoError(t, s.Add(t.Context(), entry(name)))
		want = append(want, name)
	}
	first, _ := leader(t, servers)
	first.kill()
	var got []string
	require.Eventually(t, func() bool {
		got = nil
		_, err := s.Read(t.Context(), cursor, func(entries []revocation.Entry) error {
			for _, e := range entries {
				if !slices.Contains(got, e.Name) { // an entry may come several times
					got = append(got, e.Name)
				}
			}
			return nil
		})
		return err == nil
	}, time.Minute, 100*time.Millisecond)
	require.ElementsMatch(t, want, got)
	require.NoError(t, s.Add(t.Context(), entry("after")))
}

// TestLonelyLeader has a leader that has lost the others and does not know it yet. It still answers questions about the
// stream, and a Read that believed it would prove a silence that it can't know of.
func TestLonelyLeader(t *testing.T) {
	servers := startCluster(t)
	_, js := connect(t, servers...)
	open(t, js, replicated)
	first, others := leader(t, servers)
	_, js = connect(t, first)
	s := open(t, js, replicated)
	require.NoError(t, s.Add(t.Context(), entry("a")))
	_, cursor := names(t, s, "")
	for _, other := range others {
		other.kill()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.Error(t, readError(ctx, s, cursor))
	_, err := s.Lookup(ctx, []revocation.Name{{Kind: revocation.Session, Name: "a"}})
	require.Error(t, err)
}
