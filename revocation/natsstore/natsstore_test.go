package natsstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/natsstore"
)

func entry(name string) revocation.Entry {
	now := time.UnixMilli(time.Now().UnixMilli())
	return revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: now, Until: now.Add(time.Hour)}
}

func names(t testing.TB, s revocation.Store, after revocation.Cursor) ([]string, revocation.Cursor) {
	t.Helper()
	var list []string
	next, err := s.Read(t.Context(), after, func(entries []revocation.Entry) error {
		for _, e := range entries {
			list = append(list, e.Name)
		}
		return nil
	})
	require.NoError(t, err)
	return list, next
}

func readError(ctx context.Context, s revocation.Store, after revocation.Cursor) error {
	_, err := s.Read(ctx, after, func([]revocation.Entry) error { return nil })
	return err
}

var single = natsstore.Options{Stream: "test", Replicas: 1, CreateStream: true}

func TestOpenRefused(t *testing.T) {
	server := startServer(t)
	_, js := connect(t, server)
	for says, options := range map[string]natsstore.Options{
		"Options.Stream":   {Stream: "a.b"},
		"Options.Replicas": {Replicas: 2},
		"stream not found": {Stream: "missing"},
	} {
		_, err := natsstore.Open(t.Context(), js, options)
		require.ErrorContains(t, err, says)
	}
	_, err := natsstore.Open(t.Context(), nil, single)
	require.ErrorContains(t, err, "no JetStream")

	open(t, js, single)
	stream, err := js.Stream(t.Context(), "test")
	require.NoError(t, err)
	good := stream.CachedInfo().Config
	for says, change := range map[string]func(c *jetstream.StreamConfig){
		"its storage is Memory":        func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"its maximum age is 1h":        func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"its discard policy":           func(c *jetstream.StreamConfig) { c.Discard, c.MaxMsgs = jetstream.DiscardOld, 10 },
		"its subjects":                 func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "other") },
		"its maximum of messages":      func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 2 },
		"its allow_direct is false":    func(c *jetstream.StreamConfig) { c.AllowDirect = false },
		"its allow_msg_ttl is false":   func(c *jetstream.StreamConfig) { c.AllowMsgTTL = false },
		"its no_ack is true":           func(c *jetstream.StreamConfig) { c.NoAck = true },
		"does not republish":           func(c *jetstream.StreamConfig) { c.RePublish = nil },
		"its retention is Interest":    func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy },
		"its subject_delete_marker":    func(c *jetstream.StreamConfig) { c.SubjectDeleteMarkerTTL = time.Hour },
		"its persist mode is Async":    func(c *jetstream.StreamConfig) { c.PersistMode = jetstream.AsyncPersistMode },
		"is a mirror, is sealed, has ": func(c *jetstream.StreamConfig) { c.Sources = []*jetstream.StreamSource{{Name: "other"}} },
	} {
		require.NoError(t, js.DeleteStream(t.Context(), "test"))
		config := good
		config.Subjects = append([]string(nil), good.Subjects...)
		change(&config)
		create(t, js, config)
		_, err := natsstore.Open(t.Context(), js, single)
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, js.DeleteStream(t.Context(), "test"))
	create(t, js, good)
	open(t, js, single)
	three := single
	three.Replicas = 3
	_, err = natsstore.Open(t.Context(), js, three)
	require.ErrorContains(t, err, "its number of replicas is 1, want 3")
}

// create makes a stream with the name of one that was deleted, whose files the server may still be removing.
func create(t testing.TB, js jetstream.JetStream, config jetstream.StreamConfig) {
	t.Helper()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		_, err := js.CreateStream(context.Background(), config)
		require.NoError(t, err)
	}, time.Minute, 20*time.Millisecond)
}

// TestCrashForgetsNothing kills the server after each of many entries was acknowledged. The handle works on.
func TestCrashForgetsNothing(t *testing.T) {
	server := startServer(t)
	conn, js := connect(t, server)
	s := open(t, js, single)
	_, cursor := names(t, s, "")
	var want []string
	for round := range 3 {
		for i := range 50 {
			name := fmt.Sprint(round, "-", i)
			require.NoError(t, s.Add(t.Context(), entry(name)))
			want = append(want, name)
		}
		server.kill()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		require.Error(t, s.Add(ctx, entry("nobody knows")))
		require.Error(t, readError(ctx, s, cursor))
		cancel()
		server.start(t)
		require.Eventually(t, conn.IsConnected, time.Minute, 10*time.Millisecond)
	}
	all, _ := names(t, s, "")
	require.Subset(t, all, want) // what failed may have arrived
	followed, _ := names(t, s, cursor)
	require.Equal(t, all, followed)
}

// TestStrangeMessage has messages in the stream that no Add would have written. They must not be skipped in silence.
func TestStrangeMessage(t *testing.T) {
	server := startServer(t)
	_, js := connect(t, server)
	s := open(t, js, single)
	const good = `{"kind":"session","name":"a","cutoff":1,"until":9999999999999,"reason":""}`
	for text, subject := range map[string]string{
		"":                                   "session.nYQ",
		"{}":                                 "session.nYQ",
		good + "x":                           "session.nYQ",
		good:                                 "session.nYg", // of another name
		`{"kind":"planet","name":"a"}`:       "planet.nYQ",
		good[:len(good)-1] + `,"more":true}`: "session.nYQ",
	} {
		stream, err := js.Stream(t.Context(), "test")
		require.NoError(t, err)
		require.NoError(t, stream.Purge(t.Context()))
		_, err = js.Publish(t.Context(), "test.entry."+subject, []byte(text))
		require.NoError(t, err)
		require.ErrorContains(t, readError(t.Context(), s, ""), "was not written by this package", text)
	}
}

// TestOtherHistoryIsNoticed puts the stream back to where it was, as a restored backup does, and lets others write until it has
// grown past a node's cursor. The sequences fit, and the identity; what is new in them must not be missed.
func TestOtherHistoryIsNoticed(t *testing.T) {
	server := startServer(t)
	_, js := connect(t, server)
	s := open(t, js, single)
	_, first := names(t, s, "")
	stream, err := js.Stream(t.Context(), "test")
	require.NoError(t, err)
	identity, err := stream.GetLastMsgForSubject(t.Context(), "test.id.*")
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint("lost", i))))
	}
	_, cursor := names(t, s, first)

	require.NoError(t, js.DeleteStream(t.Context(), "test"))
	open(t, js, single)
	_, err = js.Publish(t.Context(), identity.Subject, nil)
	require.NoError(t, err)
	for i := range 5 {
		require.ErrorIs(t, readError(t.Context(), s, cursor), revocation.ErrCursor, i)
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint("new", i))))
	}
	require.ErrorIs(t, readError(t.Context(), s, cursor), revocation.ErrCursor)
	all, _ := names(t, s, "")
	require.Len(t, all, 5)
}

// TestForgets reads the time to live that an entry's message has: it outlives the entry, and a later end extends it.
func TestForgets(t *testing.T) {
	server := startServer(t)
	_, js := connect(t, server)
	now := time.Now()
	options := single
	options.Now = func() time.Time { return now }
	s := open(t, js, options)
	e := revocation.Entry{Kind: revocation.All, Cutoff: now, Until: now.Add(90*time.Second + time.Millisecond)}
	stream, err := js.Stream(t.Context(), "test")
	require.NoError(t, err)
	for _, want := range []string{"2m31s", "3m31s"} {
		require.NoError(t, s.Add(t.Context(), e))
		m, err := stream.GetLastMsgForSubject(t.Context(), "test.entry.all.n")
		require.NoError(t, err)
		require.Equal(t, want, m.Header.Get(jetstream.MsgTTLHeader))
		e.Until = e.Until.Add(time.Minute)
	}
	_, cursor := names(t, s, "")
	now = now.Add(time.Hour)
	all, _ := names(t, s, "")
	require.Empty(t, all)
	// The last message of the stream vanishes between the question for the end of the stream and the one for messages.
	m, err := stream.GetLastMsgForSubject(t.Context(), "test.entry.all.n")
	require.NoError(t, err)
	require.NoError(t, stream.DeleteMsg(t.Context(), m.Sequence))
	require.NoError(t, readError(t.Context(), s, ""))
	require.NoError(t, readError(t.Context(), s, cursor))
}

func TestClosed(t *testing.T) {
	server := startServer(t)
	_, js := connect(t, server)
	s := open(t, js, single)
	_, cursor := names(t, s, "")
	require.NoError(t, s.Wait(t.Context(), cursor))
	require.NoError(t, s.Close())
	require.ErrorContains(t, s.Wait(t.Context(), cursor), "closed")
}

func FuzzCursor(f *testing.F) {
	server := startServer(f)
	_, js := connect(f, server)
	s := open(f, js, single)
	require.NoError(f, s.Add(f.Context(), entry("a")))
	_, good := names(f, s, "")
	for _, seed := range []string{"", "a/1/1", "//", "a/-1/1", string(good), string(good) + "0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := readError(t.Context(), s, revocation.Cursor(text)); err != nil {
			require.ErrorIs(t, err, revocation.ErrCursor)
		}
	})
}

func ExampleOpen() {
	ctx := context.Background()
	conn, err := nats.Connect("nats://127.0.0.1:4222")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		fmt.Println(err)
		return
	}
	store, err := natsstore.Open(ctx, js, natsstore.Options{Stream: "myapp-revocations", CreateStream: true})
	if err != nil {
		fmt.Println(err) // such as: the stream forgets revocations: its storage is Memory
		return
	}
	defer store.Close()
	_, _ = store.Lookup(ctx, []revocation.Name{{Kind: revocation.Subject, Name: "alice"}})
}
