package keys

import (
	"bytes"
	"context"
	"sync"
)

// Memory is a [Store] in this process alone, for tests. The zero value is empty.
type Memory struct {
	mu  sync.Mutex
	doc *Document // a pointer, so that fmt shows an address and not secrets
}

// Load returns the document.
func (m *Memory) Load(ctx context.Context) (Document, error) {
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.doc == nil {
		return Document{}, nil
	}
	return Document{Version: m.doc.Version, Data: bytes.Clone(m.doc.Data)}, nil
}

// Swap replaces the document.
func (m *Memory) Swap(ctx context.Context, old int64, next Document) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.doc == nil && old != 0 || m.doc != nil && m.doc.Version != old {
		return ErrConflict
	}
	m.doc = &Document{Version: next.Version, Data: bytes.Clone(next.Data)}
	return nil
}
