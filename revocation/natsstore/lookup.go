package natsstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sealjar/sealjar/revocation"
)

// Lookup implements [revocation.Store]. A request waits for it, so it is bounded as a whole where a list's reads are only by
// silence: a replica that never comes as far as the barrier says something all the time. With several replicas the question
// has patience in all, with one each name, unless ctx ends before, as that of a [revocation.Direct] does after a second.
func (s *Store) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	if err := ctx.Err(); err != nil || len(names) == 0 {
		return nil, err
	}
	look := s.lookupLeader
	if s.replicas.Load() > 1 {
		look = s.lookupFenced
	}
	found, err := look(ctx, names)
	if err != nil {
		return nil, wrap("lookup", err)
	}
	now := s.options.Now()
	return slices.DeleteFunc(found, func(e revocation.Entry) bool { return !e.Until.After(now) }), ctx.Err()
}

// lookupFenced asks any replica, and believes it if it has come as far as the barrier.
func (s *Store) lookupFenced(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	barrier, err := s.fence(ctx)
	if err != nil {
		return nil, err
	}
	var found []revocation.Entry
	for chunk := range slices.Chunk(names, 1000) { // a server answers with 1,024 messages at most
		subjects := []string{s.barrier()}
		for _, name := range chunk {
			subjects = append(subjects, s.subject(name))
		}
		for current := false; !current; {
			a, err := s.get(ctx, request{MultiLast: subjects})
			if err != nil {
				return nil, err
			}
			var some []revocation.Entry
			for _, m := range a.messages {
				if m.subject == s.barrier() {
					current = m.seq >= barrier
					continue
				}
				e, err := s.decode(m.subject, m.data)
				if err != nil {
					return nil, err
				}
				some = append(some, e)
			}
			if current {
				found = append(found, some...)
			} else if err := pause(ctx, lagPause); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// lookupLeader asks the one server. A mirror of the stream would answer other questions in its place.
func (s *Store) lookupLeader(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	var mu sync.Mutex
	var found []revocation.Entry
	var failed error
	var running sync.WaitGroup
	slots := make(chan struct{}, writers)
	for _, name := range names {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			e, seq, err := s.current(ctx, s.subject(name))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
			} else if seq > 0 {
				found = append(found, e)
			}
		})
	}
	running.Wait()
	return found, failed
}

// current asks the leader for the entry of a subject and its sequence, which is 0 if there is none.
func (s *Store) current(ctx context.Context, subject string) (revocation.Entry, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	question, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return revocation.Entry{}, 0, err
	}
	reply, err := s.conn.RequestWithContext(ctx, s.api+"STREAM.MSG.GET."+s.options.Stream, question)
	if err != nil {
		return revocation.Entry{}, 0, err
	}
	var answer struct {
		Error *struct {
			Code        int    `json:"err_code"`
			Description string `json:"description"`
		} `json:"error"`
		Message *struct {
			Subject string `json:"subject"`
			Seq     uint64 `json:"seq"`
			Data    []byte `json:"data"`
		} `json:"message"`
	}
	const noMessage = 10037
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return revocation.Entry{}, 0, fmt.Errorf("the server's answer: %w", err)
	}
	switch {
	case answer.Error != nil && answer.Error.Code == noMessage:
		return revocation.Entry{}, 0, nil
	case answer.Error != nil:
		return revocation.Entry{}, 0, errors.New("the server says: " + answer.Error.Description)
	case answer.Message == nil:
		return revocation.Entry{}, 0, errors.New("the server's answer has no message")
	}
	e, err := s.decode(answer.Message.Subject, answer.Message.Data)
	return e, answer.Message.Seq, err
}
