package natsstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// The subjects of the stream. The server sends a notice to NAME.added.>, which is not one of them, when it has stored an entry.
func (s *Store) entries() string    { return s.options.Stream + ".entry." } // and the kind and the name
func (s *Store) identities() string { return s.options.Stream + ".id." }    // and a random token
func (s *Store) barrier() string    { return s.options.Stream + ".barrier" }
func (s *Store) notices() string    { return s.options.Stream + ".added.>" }

func (s *Store) config() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name:              s.options.Stream,
		Description:       "revocations of sealjar",
		Subjects:          []string{s.barrier(), s.entries() + "*.*", s.identities() + "*"},
		MaxMsgsPerSubject: 1,
		MaxMsgs:           -1,
		MaxBytes:          -1,
		Discard:           jetstream.DiscardNew, // should somebody set a limit
		Storage:           jetstream.FileStorage,
		Replicas:          s.options.Replicas,
		AllowDirect:       true,
		AllowMsgTTL:       true,
		RePublish:         &jetstream.RePublish{Source: s.entries() + ">", Destination: s.notices(), HeadersOnly: true},
	}
	if s.options.InsecureMemory {
		c.Storage = jetstream.MemoryStorage
	}
	return c
}

// createStream makes the stream. Another process may do so at the same time.
func (s *Store) createStream(ctx context.Context) (jetstream.Stream, error) {
	stream, err := s.js.CreateStream(ctx, s.config())
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return s.js.Stream(ctx, s.options.Stream)
	}
	return stream, err
}

// checkStream says which setting of a stream makes it forget, or unfit.
func (s *Store) checkStream(c *jetstream.StreamConfig) error {
	want := s.config()
	const forgets = "natsstore: the stream %s forgets revocations: its %s is %v"
	const unfit = "natsstore: the stream %s is not fit: its %s is %v, want %v"
	limited := c.Discard != jetstream.DiscardNew && (c.MaxMsgs > 0 || c.MaxBytes > 0)
	switch {
	case c.Storage != jetstream.FileStorage && !s.options.InsecureMemory:
		return fmt.Errorf(forgets+" (see Options.InsecureMemory)", c.Name, "storage", c.Storage)
	case c.PersistMode != jetstream.DefaultPersistMode && !s.options.InsecureMemory:
		return fmt.Errorf(forgets+" (see Options.InsecureMemory)", c.Name, "persist mode", c.PersistMode)
	case c.Replicas < s.options.Replicas:
		return fmt.Errorf(unfit+" (Options.Replicas)", c.Name, "number of replicas", c.Replicas, s.options.Replicas)
	case c.Retention != jetstream.LimitsPolicy:
		return fmt.Errorf(forgets, c.Name, "retention", c.Retention)
	case c.MaxAge != 0:
		return fmt.Errorf(forgets, c.Name, "maximum age", c.MaxAge)
	case limited:
		return fmt.Errorf(forgets, c.Name, "discard policy with a maximum number or size", c.Discard)
	case c.NoAck:
		return fmt.Errorf(unfit, c.Name, "no_ack", true, false)
	case c.Mirror != nil || len(c.Sources) > 0 || c.SubjectTransform != nil || c.Sealed:
		return fmt.Errorf("natsstore: the stream %s is not fit: it is a mirror, is sealed, has sources or a transform", c.Name)
	case !sameSubjects(c.Subjects, want.Subjects):
		return fmt.Errorf(unfit, c.Name, "subjects", c.Subjects, want.Subjects)
	case c.MaxMsgsPerSubject != 1:
		return fmt.Errorf(unfit, c.Name, "maximum of messages per subject", c.MaxMsgsPerSubject, 1)
	case !c.AllowDirect:
		return fmt.Errorf(unfit, c.Name, "allow_direct", false, true)
	case !c.AllowMsgTTL:
		return fmt.Errorf(unfit, c.Name, "allow_msg_ttl", false, true)
	case c.SubjectDeleteMarkerTTL != 0:
		return fmt.Errorf(unfit, c.Name, "subject_delete_marker_ttl", c.SubjectDeleteMarkerTTL, 0)
	case c.RePublish == nil || *c.RePublish != *want.RePublish:
		return fmt.Errorf("natsstore: the stream %s is not fit: it does not republish %s> to %s, headers only",
			c.Name, s.entries(), s.notices())
	}
	return nil
}

func sameSubjects(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
