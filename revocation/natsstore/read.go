package natsstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sealjar/sealjar/revocation"
)

// lagPause is how long to wait before asking again when a replica has not come as far as it should.
const lagPause = 2 * time.Millisecond

// Read implements [revocation.Store].
func (s *Store) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	c, err := parseCursor(after)
	if err != nil {
		return "", err
	}
	if after == "" {
		s.added.forget() // sequences may have begun anew
		if err := s.begin(ctx, &c); err != nil {
			return "", wrap("read", err)
		}
	}
	for {
		var last uint64
		var first *look
		head := func() (err error) {
			last, err = s.head(ctx, &c)
			return wrap("read", err)
		}
		// What is new is applied while the head is still asked for. It counts only if nobody else could have answered:
		// of several replicas one may be behind, and its answer has to come after the head.
		ask := func() (err error) {
			if after != "" {
				first, err = s.look(ctx, c, true, apply)
			}
			return err
		}
		if err := cmp.Or(together(head, ask)); err != nil {
			return "", err
		}
		if s.replicas.Load() > 1 {
			first = nil
		}
		if last == c.seq && (first == nil || first.to.seq == last) { // nothing is new
			return c.text(), ctx.Err()
		}
		answers, err := s.readTo(ctx, &c, first, last, apply)
		if err != nil {
			return "", err
		}
		// One answer is one moment of one replica, and the end of it is the end of the stream. Between two answers an entry
		// that the first did not come to may have moved to where the second, of another replica, had not come to. What was
		// acknowledged before Read was called is then behind the head of now.
		if answers == 1 {
			return c.text(), ctx.Err()
		}
	}
}

// begin finds the stream's identity, and gives it one if it has none.
func (s *Store) begin(ctx context.Context, c *cursor) error {
	info, err := s.info(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) && s.options.CreateStream {
		if _, err = s.createStream(ctx); err == nil {
			info, err = s.info(ctx)
		}
	}
	if err != nil {
		return err
	}
	if err := s.checkStream(&info.Config); err != nil {
		return err
	}
	for subject := range info.State.Subjects {
		// There are several when several nodes were the first. Any is as good.
		c.identity = max(c.identity, strings.TrimPrefix(subject, s.identities()))
	}
	if c.identity == "" {
		c.identity = newIdentity()
		_, err = s.js.Publish(ctx, s.identities()+c.identity, nil)
	}
	return err
}

// info asks the leader about the stream and its identities.
func (s *Store) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	info, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(s.identities()+"*"))
	if err == nil {
		s.replicas.Store(int64(info.Config.Replicas))
	}
	return info, err
}

// head returns the sequence that a complete answer comes up to: nothing that was acknowledged before has a higher one. It
// finds out whether the history is still the one of the cursor.
func (s *Store) head(ctx context.Context, c *cursor) (uint64, error) {
	var barrier uint64
	var info *jetstream.StreamInfo
	fenced := func() (err error) {
		if s.replicas.Load() > 1 {
			barrier, err = s.fence(ctx)
		}
		return err
	}
	fenceErr, err := together(fenced, func() (err error) {
		info, err = s.info(ctx)
		return err
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, revocation.ErrCursor
	}
	if err != nil {
		return 0, err
	}
	if fenceErr != nil {
		return 0, fenceErr
	}
	if _, found := info.State.Subjects[s.identities()+c.identity]; !found {
		return 0, revocation.ErrCursor
	}
	if barrier == 0 && s.replicas.Load() > 1 { // they were added a moment ago
		if barrier, err = s.fence(ctx); err != nil {
			return 0, err
		}
	}
	if barrier > 0 {
		if barrier <= c.seq {
			return 0, revocation.ErrCursor
		}
		return barrier, nil
	}
	last := info.State.LastSeq
	if last < c.seq || last == c.seq && info.State.LastTime.UnixNano() > c.at {
		return 0, revocation.ErrCursor
	}
	return last, nil
}

// look is an answer whose entries were applied.
type look struct {
	to   cursor
	more bool
}

// look asks for what follows c and applies it, and if check is set, finds out whether the history is still the one of c.
func (s *Store) look(ctx context.Context, c cursor, check bool, apply func([]revocation.Entry) error) (*look, error) {
	l := &look{to: c}
	ask := func() error {
		a, err := s.get(ctx, request{Seq: c.seq + 1, Batch: revocation.MaxBatch})
		if err != nil {
			return wrap("read", err)
		}
		entries, err := s.entriesOf(a, &l.to)
		if err != nil {
			return wrap("read", err)
		}
		l.more = a.more
		if len(entries) == 0 {
			return nil
		}
		return apply(entries)
	}
	history := func() error {
		if !check {
			return nil
		}
		return wrap("read", s.checkHistory(ctx, &c))
	}
	return l, cmp.Or(together(history, ask))
}

// readTo reads to the end of the stream, at least up to the sequence last, moves c, and returns how many answers that
// took. The first may be there already.
func (s *Store) readTo(ctx context.Context, c *cursor, first *look, last uint64, apply func([]revocation.Entry) error) (int, error) {
	for answers := 1; ; answers++ {
		l := first
		if l == nil {
			var err error
			if l, err = s.look(ctx, *c, answers == 1, apply); err != nil {
				return 0, err
			}
		}
		*c = l.to
		switch {
		case l.more:
		case c.seq >= last:
			return answers, nil
		case first != nil: // it was asked for before the head was
		default:
			// Either the one who answered is behind, or the message that was last is gone. A new one will tell.
			if err := pause(ctx, lagPause<<min(answers, 5)); err != nil {
				return 0, wrap("read", err)
			}
			var err error
			if last, err = s.fence(ctx); err != nil {
				return 0, wrap("read", err)
			}
		}
		first = nil
	}
}

// entriesOf returns the entries of an answer that have not expired, and moves c past it.
func (s *Store) entriesOf(a answer, c *cursor) ([]revocation.Entry, error) {
	now := s.options.Now()
	entries := make([]revocation.Entry, 0, len(a.messages))
	for _, m := range a.messages {
		c.pass(m.seq, m.at)
		if m.subject == s.barrier() || strings.HasPrefix(m.subject, s.identities()) {
			continue
		}
		e, err := s.decode(m.subject, m.data)
		if err != nil {
			return nil, err
		}
		if e.Until.After(now) {
			entries = append(entries, e)
		}
	}
	return slices.Clip(entries), nil
}

// checkHistory finds messages that were stored after the cursor was made, in places before it: the stream was brought back to an
// earlier state and has grown past the cursor since. What it holds there would never be read.
func (s *Store) checkHistory(ctx context.Context, c *cursor) error {
	if c.seq == 0 {
		return nil
	}
	later := time.Unix(0, c.at+1).UTC()
	a, err := s.get(ctx, request{StartTime: &later, Batch: 1})
	if err != nil {
		return err
	}
	if len(a.messages) > 0 && a.messages[0].at.UnixNano() > c.at && a.messages[0].seq <= c.seq {
		return revocation.ErrCursor
	}
	return nil
}

// together asks two questions at the same time.
func together(f, g func() error) (fErr, gErr error) {
	var other sync.WaitGroup
	other.Go(func() { fErr = f() })
	gErr = g()
	other.Wait()
	return fErr, gErr
}
