package natsstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sealjar/sealjar/revocation"
)

// Options says how a store works. The zero value is the safest form.
type Options struct {
	// Stream is the name of the stream, and what its subjects begin with: letters, digits, - and _, at most 64. Empty means
	// sealjar-revocations.
	Stream string

	// Replicas is how many servers must keep the stream, at least: 1, 3 or 5; zero means 3. With 1, see the package's
	// section on durability.
	Replicas int

	// CreateStream makes the stream if it is missing, with so many replicas. Otherwise Open fails.
	CreateStream bool

	// InsecureMemory keeps the stream in the servers' memory, or accepts that it is: who restarts them all forgets all
	// revocations.
	InsecureMemory bool

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Store is a [revocation.Store]. It is safe for concurrent use.
type Store struct {
	js       jetstream.JetStream
	conn     *nats.Conn
	api      string // what the subjects of the JetStream API begin with
	stream   jetstream.Stream
	options  Options
	replicas atomic.Int64 // of the stream, as last seen
	added    notices
}

var _ revocation.Store = (*Store)(nil)

var streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Open checks the options and the stream. The error names the option or the setting that is wrong. Closing the connection
// is up to the caller, after [Store.Close].
func Open(ctx context.Context, js jetstream.JetStream, options Options) (*Store, error) {
	if options.Stream == "" {
		options.Stream = "sealjar-revocations"
	}
	if options.Replicas == 0 {
		options.Replicas = 3
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	switch {
	case js == nil:
		return nil, errors.New("natsstore: no JetStream")
	case !streamName.MatchString(options.Stream):
		return nil, errors.New("natsstore: Options.Stream has other characters than letters, digits, - and _, or more than 64")
	case options.Replicas != 1 && options.Replicas != 3 && options.Replicas != 5:
		return nil, errors.New("natsstore: Options.Replicas is not 1, 3 or 5")
	}
	s := &Store{js: js, conn: js.Conn(), api: apiPrefix(js.Options()), options: options}
	stream, err := js.Stream(ctx, options.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) && options.CreateStream {
		stream, err = s.createStream(ctx)
	}
	if err != nil {
		return nil, wrap("open", err)
	}
	config := stream.CachedInfo().Config
	if err := s.checkStream(&config); err != nil {
		return nil, err
	}
	s.stream = stream
	s.replicas.Store(int64(config.Replicas))
	return s, nil
}

func apiPrefix(options jetstream.JetStreamOptions) string {
	switch {
	case options.Domain != "":
		return "$JS." + options.Domain + ".API."
	case options.APIPrefix != "" && options.APIPrefix[len(options.APIPrefix)-1] != '.':
		return options.APIPrefix + "."
	case options.APIPrefix != "":
		return options.APIPrefix
	}
	return jetstream.DefaultAPIPrefix
}

// Close ends the subscription that Wait uses. It leaves the connection open.
func (s *Store) Close() error { return wrap("close", s.added.close()) }

// patience is for how long the servers may say nothing to a question if its context has no earlier end.
const patience = 5 * time.Second

// fence writes the barrier and returns its sequence. All that was acknowledged before has a lower one. That a majority
// has accepted the write is the proof: a server that only believes to be the leader can't give it.
func (s *Store) fence(ctx context.Context) (uint64, error) {
	ack, err := s.js.Publish(ctx, s.barrier(), nil)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// newIdentity is a random token.
func newIdentity() string { return rand.Text() }

var errStrange = errors.New("a message in the stream was not written by this package")

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("natsstore: %s: %w", what, err)
}
