package natsstore_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation/natsstore"
)

// A question that the servers have not answered yet ends when the connection does, and does not wait for its patience.
func TestConnectionClosedWhileAsked(t *testing.T) {
	server := startServer(t)
	between, _ := connect(t, server)
	_, err := between.Subscribe("slow.STREAM.>", func(m *nats.Msg) {
		m.Subject = jetstream.DefaultAPIPrefix + strings.TrimPrefix(m.Subject, "slow.")
		_ = between.PublishMsg(m)
	})
	require.NoError(t, err)
	asked := make(chan *nats.Msg, 2)
	_, err = between.ChanSubscribe("slow.DIRECT.GET.>", asked)
	require.NoError(t, err)
	require.NoError(t, between.Flush())

	conn, _ := connect(t, server)
	js, err := jetstream.NewWithAPIPrefix(conn, "slow")
	require.NoError(t, err)
	s := open(t, js, natsstore.Options{Replicas: 1, CreateStream: true})
	ended := make(chan error, 1)
	go func() { ended <- readError(t.Context(), s, "") }()
	<-asked
	conn.Close()
	require.ErrorIs(t, <-ended, nats.ErrConnectionClosed)
}
