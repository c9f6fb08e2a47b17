package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/keys"
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

	// Table is the table's name: 1 to 48 lower case letters, digits and underscores. Empty means sealjar_keys. Each
	// ring has a table of its own.
	Table string

	// InsecureDurability accepts a database that may forget an acknowledged ring in a crash, for tests.
	InsecureDurability bool
}

func (o *Options) complete() error {
	if o.Table == "" {
		o.Table = "sealjar_keys"
	}
	switch {
	case o.Dialect != MySQL && o.Dialect != PostgreSQL && o.Dialect != SQLite:
		return fmt.Errorf("sqlstore: Options.Dialect is %q: want MySQL, PostgreSQL or SQLite", o.Dialect)
	case len(o.Table) > 48 || strings.Trim(o.Table, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || o.Table[0] < 'A':
		return fmt.Errorf("sqlstore: Options.Table is %q: want 1 to 48 lower case letters, digits and underscores", o.Table)
	}
	return nil
}

// Store is a [keys.Store] in one row of a table. It is safe for concurrent use.
type Store struct {
	db         *sql.DB
	load, swap string
	table      string
}

var _ keys.Store = (*Store)(nil)

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
	s := &Store{db: db, table: options.Table, load: loadQuery(options), swap: swapQuery(options)}
	if _, err := s.Load(ctx); err != nil {
		return nil, err
	}
	if !options.InsecureDurability {
		if err := checkDurability(ctx, db, options.Dialect); err != nil {
			return nil, err
		}
	}
	if options.Dialect == SQLite {
		if err := sqlite.CheckBusyTimeout(ctx, db, "a rotation"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Load implements [keys.Store].
func (s *Store) Load(ctx context.Context) (keys.Document, error) {
	var doc keys.Document
	var size int64
	err := s.db.QueryRowContext(ctx, s.load).Scan(&doc.Version, &size, &doc.Data)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return keys.Document{}, fmt.Errorf("sqlstore: table %s has lost its row (CreateTable makes an empty one)", s.table)
	case err != nil:
		return keys.Document{}, fmt.Errorf("sqlstore: table %s can't be read (CreateTable makes it): %w", s.table, err)
	case size > keys.MaxFileSize:
		return keys.Document{}, fmt.Errorf("sqlstore: table %s has a ring of %d bytes: at most %d", s.table, size, keys.MaxFileSize)
	case doc.Version == 0:
		return keys.Document{}, nil
	}
	return doc, nil
}

// Swap implements [keys.Store]. It refuses a document that is empty or has more than [keys.MaxFileSize] bytes.
func (s *Store) Swap(ctx context.Context, old int64, next keys.Document) error {
	switch {
	case next.Version <= old || next.Version > keys.MaxVersion:
		return fmt.Errorf("sqlstore: version %d after version %d: want a higher one, at most %d", next.Version, old, int64(keys.MaxVersion))
	case len(next.Data) == 0 || len(next.Data) > keys.MaxFileSize:
		return fmt.Errorf("sqlstore: a ring of %d bytes: want 1 to %d", len(next.Data), keys.MaxFileSize)
	}
	result, err := s.db.ExecContext(ctx, s.swap, next.Version, next.Data, old)
	if err != nil {
		return fmt.Errorf("sqlstore: swap: %w", err)
	}
	// The version changes, so a row that was found is a row that was changed, by whatever the driver counts.
	swapped, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("sqlstore: swap: %w", err)
	}
	if swapped == 0 {
		return keys.ErrConflict
	}
	return nil
}
