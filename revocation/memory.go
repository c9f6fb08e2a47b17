package revocation

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Memory is a list in this process alone: for tests, and for an application of one process that may forget sign-outs when
// it ends. The zero value is an empty list. It is safe for concurrent use.
//
// It is a [Store] too, so that in a test several nodes can follow one Memory. Code that calls RevokeSubject and the like, as
// a [List] has them, gets them from [NewDirect] of a Memory, which has to load and run nothing.
type Memory struct {
	// Now tells the time; nil means [time.Now]. Set it before first use.
	Now func() time.Time

	some atomic.Bool // whether there are entries: nobody waits for a lock to learn that there are none

	mu      sync.RWMutex
	id      string // random, so that a cursor of another Memory is not taken for one of this
	last    uint64 // number of the latest record
	entries map[Name]memoryEntry
	log     []memoryRecord // in the order of their numbers
	added   chan struct{}  // closed when an entry comes; nil if nobody waits
	sweepAt int            // number of records at which the expired and the outdated ones are removed
}

type memoryEntry struct {
	Entry
	number uint64 // of its latest record
}

// memoryRecord says that an entry was added or changed. It is outdated if the entry has a later one.
type memoryRecord struct {
	number uint64
	name   Name
}

// Check returns nil if no entry refuses the token, and otherwise a [Refusal].
func (m *Memory) Check(_ context.Context, c Claims) error {
	if !m.some.Load() {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, n := range [...]Name{
		{All, ""}, {Session, c.SessionID}, {Session, c.Origin}, {Renewed, c.SessionID}, {Subject, c.Subject}, {Key, c.KeyID}, {Token, c.TokenID},
	} {
		if m.hits(n, c) {
			return &Refusal{n.Kind, n.Name}
		}
	}
	for _, group := range c.Groups {
		if n := (Name{Group, group}); m.hits(n, c) {
			return &Refusal{n.Kind, n.Name}
		}
	}
	return nil
}

func (m *Memory) hits(n Name, c Claims) bool {
	e, found := m.entries[n]
	return found && e.Refuses(c.AuthTime)
}

// Revoke adds an entry, or merges it with the one of that name. When it returns, Check knows. The error says what is
// wrong with the entry.
func (m *Memory) Revoke(ctx context.Context, e Entry) error {
	return m.Add(context.WithoutCancel(ctx), e)
}

// Add is of [Store]. Nothing is more durable here than the process.
func (m *Memory) Add(ctx context.Context, entries ...Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = make(map[Name]memoryEntry)
	}
	if len(m.log) >= m.sweepAt {
		m.sweep()
	}
	for _, e := range entries {
		// As other stores keep them.
		e.Cutoff, e.Until = time.UnixMilli(e.Cutoff.UnixMilli()), time.UnixMilli(e.Until.UnixMilli())
		name := Name{e.Kind, e.Name}
		have, found := m.entries[name]
		if found {
			e = have.Merge(e)
			if e == have.Entry {
				continue
			}
		}
		m.last++
		m.entries[name] = memoryEntry{e, m.last}
		m.log = append(m.log, memoryRecord{m.last, name})
	}
	m.some.Store(len(m.entries) > 0)
	if m.added != nil {
		close(m.added)
		m.added = nil
	}
	return nil
}

// Lookup is of [Store].
func (m *Memory) Lookup(ctx context.Context, names []Name) ([]Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Entry
	for _, name := range names {
		if e, ok := m.entries[name]; ok {
			found = append(found, e.Entry)
		}
	}
	return found, ctx.Err()
}

// Read is of [Store].
func (m *Memory) Read(ctx context.Context, after Cursor, apply func([]Entry) error) (Cursor, error) {
	number, id, err := m.position(after)
	if err != nil {
		return "", err
	}
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		var batch []Entry
		batch, number = m.after(number)
		if len(batch) == 0 {
			return Cursor(id + "." + strconv.FormatUint(number, 10)), nil
		}
		if err := apply(batch); err != nil {
			return "", err
		}
	}
}

// position reads a cursor.
func (m *Memory) position(c Cursor) (number uint64, id string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.id == "" {
		m.id = rand.Text()
	}
	if c == "" {
		return 0, m.id, nil
	}
	digits, ok := strings.CutPrefix(string(c), m.id+".")
	number, err = strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || number > m.last || strconv.FormatUint(number, 10) != digits {
		return 0, "", ErrCursor
	}
	return number, m.id, nil
}

// after returns some entries with a later number, and the number that it came to. No entries means that there are no more.
func (m *Memory) after(number uint64) ([]Entry, uint64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	from, _ := slices.BinarySearchFunc(m.log, number+1, func(r memoryRecord, n uint64) int {
		return int(int64(r.number - n))
	})
	now := m.now()
	var batch []Entry
	for _, record := range m.log[from:] {
		number = record.number
		if e, ok := m.entries[record.name]; ok && e.number == number && !e.Until.Before(now) {
			if batch = append(batch, e.Entry); len(batch) == MaxBatch {
				break
			}
		}
	}
	return batch, number
}

// Wait is of [Store].
func (m *Memory) Wait(ctx context.Context, after Cursor) error {
	number, _, err := m.position(after)
	m.mu.Lock()
	if err != nil || number < m.last {
		m.mu.Unlock()
		return ctx.Err()
	}
	if m.added == nil {
		m.added = make(chan struct{})
	}
	added := m.added
	m.mu.Unlock()
	select {
	case <-added:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sweep is of [Sweeper]. Memory does it by itself too, each time that it has doubled.
func (m *Memory) Sweep(ctx context.Context) (deleted int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.entries)
	m.sweep()
	return before - len(m.entries), nil
}

func (m *Memory) sweep() {
	now := m.now()
	m.log = slices.DeleteFunc(m.log, func(r memoryRecord) bool {
		e, found := m.entries[r.name]
		if found && e.Until.Before(now) {
			delete(m.entries, r.name)
			found = false
		}
		return !found || e.number != r.number
	})
	m.sweepAt = 2*len(m.log) + 64
	m.some.Store(len(m.entries) > 0)
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

// Len returns the number of entries.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.entries)
}
