package spill

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// Memory is a store in this process alone, for tests and for an application of one process whose sessions may end with it. The
// zero value is an empty store. It is safe for concurrent use.
type Memory struct {
	// Now tells the time; nil means [time.Now]. Set it before first use.
	Now func() time.Time

	mu      sync.Mutex
	rows    map[string]memoryRow
	sweepAt int // number of rows at which those that have expired are removed
}

type memoryRow struct {
	Row
	expiry time.Time
}

var _ Store = (*Memory)(nil)

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, id string) (Row, error) {
	if err := ctx.Err(); err != nil {
		return Row{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.alive(id)
	row.Data = bytes.Clone(row.Data)
	return row, nil
}

// Create implements [Store].
func (m *Memory) Create(ctx context.Context, id string, row Row, expiry time.Time) error {
	return m.put(ctx, id, row, expiry, func(have Row) bool { return have.Version == 0 })
}

// Replace implements [Store].
func (m *Memory) Replace(ctx context.Context, id string, row Row, expiry time.Time) error {
	return m.put(ctx, id, row, expiry, func(have Row) bool { return have.Version != 0 && have.Version < row.Version })
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
	return ctx.Err()
}

// Len returns the number of rows in memory. Some of them may have expired.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rows)
}

func (m *Memory) put(ctx context.Context, id string, row Row, expiry time.Time, may func(have Row) bool) error {
	if err := row.Check(id); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !may(m.alive(id)) {
		return ErrConflict
	}
	if m.rows == nil {
		m.rows = make(map[string]memoryRow)
	}
	row.Data = bytes.Clone(row.Data)
	m.rows[id] = memoryRow{row, expiry}
	if len(m.rows) > m.sweepAt {
		m.sweep()
		m.sweepAt = 2*len(m.rows) + 64 // so that a write pays for two rows on average
	}
	return nil
}

func (m *Memory) alive(id string) Row {
	if row, found := m.rows[id]; found && m.now().Before(row.expiry) {
		return row.Row
	}
	return Row{}
}

func (m *Memory) sweep() {
	now := m.now()
	for id, row := range m.rows {
		if !now.Before(row.expiry) {
			delete(m.rows, id)
		}
	}
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}
