package natsstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// TestALongAnswerThatGoesOn comes over a slow link, and takes longer than a server may say nothing.
func TestALongAnswerThatGoesOn(t *testing.T) {
	t.Parallel()
	const entries, apart = 12, 500 * time.Millisecond
	server := startServer(t)
	conn, js := connect(t, server)
	var batch []revocation.Entry
	var want []string
	for i := range entries {
		batch = append(batch, entry(fmt.Sprint(i)))
		want = append(want, fmt.Sprint(i))
	}
	require.NoError(t, open(t, js, single).Add(t.Context(), batch...))

	_, err := conn.Subscribe("slow.>", func(m *nats.Msg) {
		subject := "$JS.API." + strings.TrimPrefix(m.Subject, "slow.")
		if !strings.Contains(subject, ".DIRECT.GET.") {
			_ = conn.PublishRequest(subject, m.Reply, m.Data)
			return
		}
		inbox := conn.NewInbox()
		_, _ = conn.Subscribe(inbox, func(part *nats.Msg) {
			time.Sleep(apart)
			_ = conn.PublishMsg(&nats.Msg{Subject: m.Reply, Header: part.Header, Data: part.Data})
		})
		_ = conn.PublishRequest(subject, inbox, m.Data)
	})
	require.NoError(t, err)
	far, _ := connect(t, server)
	slow, err := jetstream.NewWithAPIPrefix(far, "slow")
	require.NoError(t, err)
	got, _ := names(t, open(t, slow, single), "")
	require.ElementsMatch(t, want, got)
}
