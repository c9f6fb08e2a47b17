package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/spill"
)

// Dialect is which database it is. The zero value is not valid.
type Dialect string

const (
	// MySQL is MySQL 8 and MariaDB 10.5, or later, with InnoDB.
	MySQL Dialect = "mysql"
	// PostgreSQL is PostgreSQL 13 or later.
	PostgreSQL Dialect = "postgresql"
	// SQLite is SQLite 3.35 or later, for several processes on one machine.
	SQLite Dialect = "sqlite"
)

// Options says how a store works. Dialect is required.
type Options struct {
	Dialect Dialect

	// Table is the table's name: 1 to 48 lower case letters, digits and underscores. Empty means sealjar_sessions.
	Table string

	// InsecureDurability accepts a database that may forget acknowledged sessions in a crash.
	InsecureDurability bool

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

func (o *Options) complete() error {
	if o.Table == "" {
		o.Table = "sealjar_sessions"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.Dialect != MySQL && o.Dialect != PostgreSQL && o.Dialect != SQLite:
		return fmt.Errorf("sqlstore: Options.Dialect is %q: want MySQL, PostgreSQL or SQLite", o.Dialect)
	case len(o.Table) > 48 || strings.Trim(o.Table, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || o.Table[0] < 'A':
		return fmt.Errorf("sqlstore: Options.Table is %q: want 1 to 48 lower case letters, digits and underscores", o.Table)
	}
	return nil
}

// Store is a [spill.Store] in one table. It is safe for concurrent use.
type Store struct {
	db                                 *sql.DB
	options                            Options
	get, size, create, replace, delete query
	created                            atomic.Uint64
}

var _ spill.Store = (*Store)(nil)

// Open checks that the table is there and that the database keeps what it acknowledges, and with SQLite that its
// connections wait for each other. The error names the option, the setting or the table that is missing. Closing db is up to
// the caller.
func Open(ctx context.Context, db *sql.DB, options Options) (*Store, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	if db == nil {
		return nil, errors.New("sqlstore: no database")
	}
	s := &Store{db: db, options: options}
	for to, text := range map[*query]string{
		&s.get: getQuery(options), &s.size: sizeQuery(options), &s.create: createQuery(options),
		&s.replace: replaceQuery(options), &s.delete: deleteQuery(options),
	} {
		var err error
		if *to, err = prepare(ctx, db, options.Dialect, text); err != nil {
			return nil, fmt.Errorf("sqlstore: table %s can't be used (CreateTable makes it): %w", options.Table, err)
		}
	}
	if _, err := s.Get(ctx, "-"); err != nil {
		return nil, fmt.Errorf("sqlstore: table %s can't be read (CreateTable makes it): %w", options.Table, err)
	}
	if !options.InsecureDurability {
		if err := checkDurability(ctx, db, options.Dialect); err != nil {
			return nil, err
		}
	}
	if options.Dialect == SQLite {
		if err := sqlite.CheckBusyTimeout(ctx, db, "a session that changes"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Store) now() int64 { return s.options.Now().UnixMilli() }

// Get implements [spill.Store].
func (s *Store) Get(ctx context.Context, id string) (spill.Row, error) {
	for {
		var row spill.Row
		err := s.get.row(ctx, s.key(id), s.now()).Scan(&row.Version, &row.Data)
		if err == nil {
			return row, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return spill.Row{}, fmt.Errorf("sqlstore: get: %w", err)
		}
		var size int64
		err = s.size.row(ctx, s.key(id), s.now()).Scan(&size)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return spill.Row{}, nil
		case err != nil:
			return spill.Row{}, fmt.Errorf("sqlstore: get: %w", err)
		case size > spill.MaxSize:
			return spill.Row{}, fmt.Errorf("sqlstore: a row of table %s has %d bytes: at most %d", s.options.Table, size, spill.MaxSize)
		}
		// It has come in between.
	}
}

// Create implements [spill.Store].
func (s *Store) Create(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	if err := row.Check(id); err != nil {
		return err
	}
	written, err := s.tryCreate(ctx, id, row, expiry)
	if err == nil && !written {
		return spill.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("sqlstore: create: %w", err)
	}
	if s.created.Add(1)%sweepEach == 0 {
		_, _ = s.Sweep(ctx) // the session is there, and the next one tries again
	}
	return nil
}

func (s *Store) tryCreate(ctx context.Context, id string, row spill.Row, expiry time.Time) (written bool, err error) {
	if s.options.Dialect != MySQL {
		return s.create.changes(ctx, s.key(id), row.Version, ceilMilli(expiry), row.Data, s.now())
	}
	for range maxTries {
		if written, err = s.create.changes(ctx, s.key(id), row.Version, ceilMilli(expiry), row.Data); err == nil {
			return written, nil
		}
		// It is not the error's text that tells whether the id is taken. And INSERT IGNORE ignores too much.
		there, failed := s.Get(ctx, id)
		if failed != nil {
			return false, err
		}
		if there.Version > 0 {
			return false, nil
		}
		expired := query{db: s.db, text: "DELETE FROM " + s.options.Table + " WHERE id = ? AND expires <= ?"}
		if _, failed = expired.changes(ctx, s.key(id), s.now()); failed != nil {
			return false, failed
		}
	}
	if says(err, duplicate) {
		return false, nil // somebody else's was there each time
	}
	return false, err
}

// Replace implements [spill.Store].
func (s *Store) Replace(ctx context.Context, id string, row spill.Row, expiry time.Time) error {
	if err := row.Check(id); err != nil {
		return err
	}
	// The version changes, so a row that was found is a row that was changed, by whatever the driver counts.
	written, err := s.replace.changes(ctx, row.Version, ceilMilli(expiry), row.Data, s.key(id), row.Version, s.now())
	if err != nil {
		return fmt.Errorf("sqlstore: replace: %w", err)
	}
	if !written {
		return spill.ErrConflict
	}
	return nil
}

// Delete implements [spill.Store].
func (s *Store) Delete(ctx context.Context, id string) error {
	if _, err := s.delete.changes(ctx, s.key(id)); err != nil {
		return fmt.Errorf("sqlstore: delete: %w", err)
	}
	return nil
}

// key is an id as the database compares it exactly: MySQL's VARCHAR would ignore spaces at its end.
func (s *Store) key(id string) any {
	if s.options.Dialect == MySQL {
		return []byte(id)
	}
	return id
}

// ceilMilli rounds up: a row must not be forgotten early.
func ceilMilli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }
