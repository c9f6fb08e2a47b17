package spill

import (
	"context"
	"errors"
	"time"
)

// MaxSize is the most bytes of a row: 1 MiB.
const MaxSize = 1 << 20

var (
	// ErrConflict says that a store did not write a row because of what is there, or is not.
	ErrConflict = errors.New("spill: another row is there, or none")

	// ErrGone is in the error of an event about a session whose row is not in the store any more.
	ErrGone = errors.New("spill: the row is gone: the session was ended, or the store has lost it")
)

// Row is a sealed session.
type Row struct {
	// Version is at least 1 and goes up with each change. It is at most 9007199254740991 (2^53 - 1).
	Version int64
	// Data is ciphertext, 1 to [MaxSize] bytes.
	Data []byte
}

// Store keeps rows by the ids of sessions: 1 to 64 characters of A-Z a-z 0-9 - and _, which are compared exactly. A row
// that has expired is as if it was not there; the store deletes it when it writes others, without a goroutine of its
// own. All methods must be safe for concurrent use, in any number of processes, and return an error when ctx ends.
// Package spilltest has the tests that a store must pass.
//
// Errors must hold no byte of Data.
type Store interface {
	// Get returns the row, or a zero Row if there is none.
	Get(ctx context.Context, id string) (Row, error)

	// Create stores a row where there is none. If there is one, it changes nothing and returns [ErrConflict]. Nil means that
	// Get gives this row, or a later one, in every process.
	Create(ctx context.Context, id string, row Row, expiry time.Time) error

	// Replace stores a row in place of one with a lower version, with a new expiry. If there is none, or one of the same or a
	// higher version, it changes nothing and returns [ErrConflict]. Of several at the same time the highest version stays.
	Replace(ctx context.Context, id string, row Row, expiry time.Time) error

	// Delete removes the row, if there is one.
	Delete(ctx context.Context, id string) error
}

// Options says which sessions go into a store. With a nil Store none does, and nothing else may be set.
type Options struct {
	// Store is where they go.
	Store Store

	// Always puts every session there, whatever its size: for data that must not leave the server even encrypted, and
	// where no older state may come back. Otherwise those go there that do not fit into their cookie, or cookies, or
	// into a token of Jar.Seal.
	Always bool

	// MaxBytes is the most bytes of a row: a sealed session has about 1.8 times the bytes of its JSON, and 600 more. 0
	// means 131,072, which is some 70 KiB of JSON; at least 4,096 and at most [MaxSize]. A larger session is
	// sealjar.ErrTooLarge.
	MaxBytes int

	// Timeout is how long a request waits for the store at most, when it reads a session and when it writes one, and
	// nothing else ends that earlier: a client that hangs up does not cut a write in half. 0 means 2 seconds.
	Timeout time.Duration
}
