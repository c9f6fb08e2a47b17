package main

import (
	"context"
	"sync"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// sharedStore is what revocations are kept in for both processes: in the memory of the first, so that the demo needs no
// database. A real fleet uses one of the stores that outlive a process. It notes when each entry came, and when the
// second process knew it.
type sharedStore struct {
	revocation.Memory
	bell *bell

	mu     sync.Mutex
	recent []*revocationView // the latest last
	last   int64             // its number
	away   bool
	cut    chan struct{} // closed when the store is taken away from the second process
}

// revocationView is an entry as the page lists it.
type revocationView struct {
	Number   int64           `json:"n"`
	Kind     revocation.Kind `json:"kind"`
	Name     string          `json:"name"`
	Reason   string          `json:"reason"`
	Recorded int64           `json:"recorded"` // Unix milliseconds
	Micros   int64           `json:"us"`       // from being recorded until the second process refused; -1: not yet
	at       time.Time
}

const keptRevocations = 8

func newSharedStore(b *bell) *sharedStore { return &sharedStore{bell: b, cut: make(chan struct{})} }

// Add is of revocation.Store. It is noted before it is recorded, or the second process might know it first.
func (s *sharedStore) Add(ctx context.Context, entries ...revocation.Entry) error {
	s.mu.Lock()
	for _, e := range entries {
		s.last++
		s.recent = append(s.recent, &revocationView{
			Number: s.last, Kind: e.Kind, Name: e.Name, Reason: e.Reason, Recorded: time.Now().UnixMilli(), Micros: -1, at: time.Now(),
		})
	}
	if extra := len(s.recent) - keptRevocations; extra > 0 {
		s.recent = append(s.recent[:0], s.recent[extra:]...)
	}
	s.mu.Unlock()
	err := s.Memory.Add(ctx, entries...)
	s.bell.turn()
	return err
}

// learned notes when the second process knew an entry. Both have the same clock: they are on one machine.
func (s *sharedStore) learned(kind revocation.Kind, name string, when time.Time) {
	s.mu.Lock()
	for _, v := range s.recent {
		if v.Kind == kind && v.Name == name && v.Micros < 0 {
			v.Micros = max(0, when.Sub(v.at).Microseconds())
		}
	}
	s.mu.Unlock()
	s.bell.turn()
}

// view lists the last entries, the latest first.
func (s *sharedStore) view() []revocationView {
	s.mu.Lock()
	defer s.mu.Unlock()
	views := make([]revocationView, 0, len(s.recent))
	for i := len(s.recent) - 1; i >= 0; i-- {
		views = append(views, *s.recent[i])
	}
	return views
}

// takeAway cuts the second process off from the store, or lets it come back.
func (s *sharedStore) takeAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if away && !s.away {
		close(s.cut)
	}
	if !away && s.away {
		s.cut = make(chan struct{})
	}
	s.away = away
}

// connection says whether the second process may use the store, and tells when it may not any more.
func (s *sharedStore) connection() (cut <-chan struct{}, away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cut, s.away
}
