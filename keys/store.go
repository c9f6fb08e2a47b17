package keys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// ErrConflict is what [Store.Swap] returns if the store holds another version than the one that was to be replaced.
var ErrConflict = errors.New("keys: the store holds another version")

// Store keeps one document, the ring, for any number of processes. It is what a driver implements; package keystest has the tests
// that every Store passes. Both methods are safe for concurrent use, also by several processes.
type Store interface {
	// Load returns the document, and a zero Document if there is none yet. It must be the latest: what a Swap wrote that
	// returned before Load was called, or a later one.
	Load(ctx context.Context) (Document, error)

	// Swap puts next in the place of the document with the version old, or where there is none if old is 0. It is atomic: of
	// several calls with one old version at most one returns nil, and then the document is durable. It returns an error that
	// matches [ErrConflict], and changes nothing, if the store holds another version. With any other error nobody knows.
	Swap(ctx context.Context, old int64, next Document) error
}

// Document is a ring as a store keeps it.
type Document struct {
	// Version is that of the ring, 1 to [MaxVersion].
	Version int64
	// Data is the text of the key file, at most [MaxFileSize] bytes of UTF-8.
	Data []byte
}

// String shows the version and nothing of the text.
func (d Document) String() string { return fmt.Sprintf("document %d [secret]", d.Version) }

// Format is [Document.String] for every verb, also %#v and %x.
func (d Document) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// LogValue is [Document.String] for slog.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText is [Document.String] for JSON and other encodings.
func (d Document) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
