package revocation

import (
	"context"
	"sync"
	"time"
)

// Memory is a list in this process alone: for tests, and for an application of one process that may forget sign-outs when
// it ends. The zero value is an empty list. It is safe for concurrent use.
type Memory struct {
	// Now tells the time; nil means [time.Now]. Set it before first use.
	Now func() time.Time

	mu      sync.RWMutex
	entries map[Name]Entry
	sweepAt int // number of entries at which the expired ones are removed
}

// Check returns nil if no entry refuses the token, and otherwise [ErrRevoked].
func (m *Memory) Check(_ context.Context, c Claims) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.entries) == 0 {
		return nil
	}
	if m.hits(All, "", c) || m.hits(Key, c.KeyID, c) || m.hits(Subject, c.Subject, c) ||
		m.hits(Session, c.SessionID, c) || m.hits(Token, c.TokenID, c) {
		return ErrRevoked
	}
	for _, group := range c.Groups {
		if m.hits(Group, group, c) {
			return ErrRevoked
		}
	}
	return nil
}

func (m *Memory) hits(kind Kind, of string, c Claims) bool {
	e, found := m.entries[Name{kind, of}]
	return found && e.Refuses(c.AuthTime)
}

// Revoke adds an entry, or merges it with the one of that name. When it returns, Check knows. The error says what is
// wrong with the entry.
func (m *Memory) Revoke(_ context.Context, e Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = make(map[Name]Entry)
	}
	m.sweep()
	key := Name{e.Kind, e.Name}
	if have, found := m.entries[key]; found {
		if have.Cutoff.After(e.Cutoff) {
			e.Cutoff, e.Reason = have.Cutoff, have.Reason
		}
		if have.Until.After(e.Until) {
			e.Until = have.Until
		}
	}
	m.entries[key] = e
	return nil
}

// sweep forgets what has ended, each time that the list has doubled: cheap on average, and no goroutine.
func (m *Memory) sweep() {
	if len(m.entries) < m.sweepAt {
		return
	}
	now := time.Now
	if m.Now != nil {
		now = m.Now
	}
	for key, e := range m.entries {
		if e.Until.Before(now()) {
			delete(m.entries, key)
		}
	}
	m.sweepAt = 2*len(m.entries) + 64
}

// Len returns the number of entries.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.entries)
}
