package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/revocation"
)

// Dialect is which database it is. The zero value is not valid.
type Dialect string

const (
	// MySQL is MySQL 8 and MariaDB 10.5, or later, with InnoDB.
	MySQL Dialect = "mysql"
	// PostgreSQL is PostgreSQL 13 or later.
	PostgreSQL Dialect = "postgresql"
	// SQLite is SQLite 3.35 or later: the durable store of an application on one machine.
	SQLite Dialect = "sqlite"
)

// Options says how a store works. Dialect is required.
type Options struct {
	Dialect Dialect

	// Table is the table's name: 1 to 48 lower case letters, digits and underscores. Empty means sealjar_revocations.
	Table string

	// Poll is how long [Store.Wait] waits at most: how late a node may hear of a revocation. 0 means 100 milliseconds.
	Poll time.Duration

	// Hint, if not nil, ends a Wait early: it blocks until there may be something new, or returns an error when ctx ends or
	// when it can't tell. Package pglisten has one for PostgreSQL.
	Hint func(ctx context.Context) error

	// InsecureDurability accepts a database that may forget acknowledged revocations in a crash, for tests.
	InsecureDurability bool

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Store is a [revocation.Store] and a [revocation.Sweeper] in one table. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	options Options
	sql     statements
}

var (
	_ revocation.Store   = (*Store)(nil)
	_ revocation.Sweeper = (*Store)(nil)
)

// Open checks that the table is there and that the database keeps what it acknowledges, and with SQLite that its
// connections wait for each other. The error names the option, the setting or the statement that is missing. Closing db is up to
// the caller.
func Open(ctx context.Context, db *sql.DB, options Options) (*Store, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	if db == nil {
		return nil, errors.New("sqlstore: no database")
	}
	s := &Store{db: db, options: options, sql: newStatements(options.Dialect, options.Table)}
	if err := s.checkTable(ctx); err != nil {
		return nil, err
	}
	if !options.InsecureDurability {
		if err := checkDurability(ctx, db, options.Dialect); err != nil {
			return nil, err
		}
	}
	if options.Dialect == SQLite {
		if err := sqlite.CheckBusyTimeout(ctx, db, "a revocation"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (o *Options) complete() error {
	if o.Table == "" {
		o.Table = "sealjar_revocations"
	}
	if o.Poll == 0 {
		o.Poll = 100 * time.Millisecond
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.Dialect != MySQL && o.Dialect != PostgreSQL && o.Dialect != SQLite:
		return fmt.Errorf("sqlstore: Options.Dialect is %q: want MySQL, PostgreSQL or SQLite", o.Dialect)
	case len(o.Table) > 48 || strings.Trim(o.Table, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || o.Table[0] < 'A':
		return fmt.Errorf("sqlstore: Options.Table is %q: want 1 to 48 lower case letters, digits and underscores", o.Table)
	case o.Poll < time.Millisecond || o.Poll > time.Minute:
		return fmt.Errorf("sqlstore: Options.Poll is %v: want 1ms to 1m", o.Poll)
	}
	return nil
}

// addTimeout bounds an Add. A row that became visible later than gapLife after it got its number would be missed.
const addTimeout = 30 * time.Second

// maxRows is how many rows go into one statement: seven parameters each, of which SQLite takes 32,766.
const maxRows = 500

// Add implements [revocation.Store].
func (s *Store) Add(ctx context.Context, entries ...revocation.Entry) error {
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, addTimeout)
	defer cancel()
	if len(entries) <= maxRows {
		return wrap("add", s.insert(ctx, s.db, entries))
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return wrap("add", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	for rest := entries; len(rest) > 0; {
		n := min(len(rest), maxRows)
		if err := s.insert(ctx, tx, rest[:n]); err != nil {
			return wrap("add", err)
		}
		rest = rest[n:]
	}
	return wrap("add", tx.Commit())
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (s *Store) insert(ctx context.Context, in execer, entries []revocation.Entry) error {
	args := make([]any, 0, 6*len(entries))
	for _, e := range entries {
		args = append(args, newTag(), string(e.Kind), []byte(e.Name), e.Cutoff.UnixMilli(), ceilMilli(e.Until), []byte(e.Reason))
	}
	_, err := in.ExecContext(ctx, s.sql.insert(len(entries)), args...)
	return err
}

// newTag is a random number by which a row is known again: another row with its number, after the table was restored from
// a backup, has another tag.
func newTag() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program rather than return an error
	return int64(binary.NativeEndian.Uint64(b[:]) >> 1)
}

// ceilMilli rounds up: an entry must not be forgotten early.
func ceilMilli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// Lookup implements [revocation.Store].
func (s *Store) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	merged := make(map[revocation.Name]revocation.Entry)
	for rest := names; len(rest) > 0; {
		n := min(len(rest), maxRows)
		args := make([]any, 0, 2*n+1)
		for _, name := range rest[:n] {
			args = append(args, string(name.Kind), []byte(name.Name))
		}
		rest = rest[n:]
		args = append(args, s.options.Now().UnixMilli())
		rows, err := s.db.QueryContext(ctx, s.sql.lookup(n), args...)
		if err != nil {
			return nil, wrap("lookup", err)
		}
		err = scan(rows, func(r *row) error {
			e := r.entry()
			name := revocation.Name{Kind: e.Kind, Name: e.Name}
			if have, there := merged[name]; there {
				e = have.Merge(e)
			}
			merged[name] = e
			return nil
		})
		if err != nil {
			return nil, wrap("lookup", err)
		}
	}
	return slices.Collect(maps.Values(merged)), ctx.Err()
}

// Wait implements [revocation.Store]: it returns after [Options].Poll, or earlier if the hint says so.
func (s *Store) Wait(ctx context.Context, _ revocation.Cursor) error {
	limited, cancel := context.WithTimeout(ctx, s.options.Poll)
	defer cancel()
	if s.options.Hint == nil || s.options.Hint(limited) != nil {
		<-limited.Done()
	}
	return ctx.Err()
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlstore: %s: %w", what, err)
}
