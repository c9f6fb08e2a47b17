package revocation

import (
	"context"
	"errors"
)

// Store keeps entries durably for any number of processes. It is what a driver implements; package revocationtest has the
// tests that every Store passes. All methods are safe for concurrent use.
type Store interface {
	// Add records entries. Nil means that all of them are durable: no crash or restart of the store makes them
	// forgotten. An error means that nobody knows, also of some that were recorded and others that were not; adding
	// them again is safe.
	//
	// If one of them fails [Entry.Check], none is recorded. Times may be kept in whole milliseconds.
	//
	// An entry with the kind and the name of one that is there already is merged with it: the later Cutoff, with its Reason,
	// and the later Until count, in whatever order they come.
	Add(ctx context.Context, entries ...Entry) error

	// Lookup returns the entries under these names, as far as there are any, in any order.
	Lookup(ctx context.Context, names []Name) ([]Entry, error)

	// Read hands all entries to apply that were recorded after the cursor, in batches of at most [MaxBatch], and
	// returns the cursor from which to go on. The empty cursor is the beginning: all entries that have not expired.
	// Read does not wait for new entries.
	//
	// It is complete: an entry for which Add returned nil before Read was called comes in this Read, or came in an
	// earlier one of the chain of cursors that leads to this one. An entry may come several times and in any order.
	// When Read returns an error, apply may have been called, and the old cursor stays good. An error of apply ends
	// Read and is returned.
	//
	// An error that matches [ErrCursor] says that the store can't go on from this cursor.
	Read(ctx context.Context, after Cursor, apply func([]Entry) error) (Cursor, error)

	// Wait returns nil when there may be entries after the cursor, and it may do so at any time: it is a hint, and Read the
	// truth. It returns an error when ctx ends, or when it can't wait.
	Wait(ctx context.Context, after Cursor) error
}

// MaxBatch is the most entries that a Store hands over, or is given, at a time.
const MaxBatch = 4096

// Sweeper is a Store that has to be told to delete what has expired. Sweep deletes entries whose Until has passed, some at
// a time, and returns how many; a process may call it at any time, and several processes at the same time.
type Sweeper interface {
	Sweep(ctx context.Context) (deleted int, err error)
}

// Cursor is a place in a store's history. Its text is the driver's own; it holds the identity of the store, so that a
// store that was replaced, emptied or restored from a backup does not take it for one of its own. Empty is the beginning.
type Cursor string

// ErrCursor says that a store can't go on from a cursor: what followed it was trimmed, or the store has lost what it had
// when the cursor was given. Read all from the empty cursor.
var ErrCursor = errors.New("revocation: the store does not know this cursor")

// Name is what entries are found and merged by.
type Name struct {
	Kind Kind
	Name string
}
