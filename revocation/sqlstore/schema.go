package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/sealjar/sealjar/internal/sqlite"
)

// Schema returns the statements by which [CreateTable] makes the table and its indexes, for those who keep their migrations
// elsewhere. The error names the option that is wrong.
func Schema(options Options) (string, error) {
	if err := options.complete(); err != nil {
		return "", err
	}
	s := newStatements(options.Dialect, options.Table)
	return strings.Join(s.create, ";\n") + ";\n", nil
}

// CreateTable makes the table and its indexes, or what of them is missing. Any number of nodes may call it at the same time, at
// every start.
func CreateTable(ctx context.Context, db *sql.DB, options Options) error {
	if err := options.complete(); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return wrap("creating the table", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if options.Dialect == PostgreSQL {
		// IF NOT EXISTS is no protection against somebody who does the same at the same time. The number is of our choice.
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7308327815)"); err != nil {
			return wrap("creating the table", err)
		}
	}
	s := newStatements(options.Dialect, options.Table)
	for _, statement := range s.create {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return wrap("creating the table", err)
		}
	}
	return wrap("creating the table", tx.Commit())
}

func (s *Store) checkTable(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, "SELECT "+columns+" FROM "+s.options.Table+" WHERE seq < 0")
	if err != nil {
		return fmt.Errorf("sqlstore: table %s can't be read (CreateTable or `sealjar revocations init` makes it): %w", s.options.Table, err)
	}
	return wrap("reading the table", rows.Close())
}

// checkDurability says which setting lets the database forget what it has acknowledged, or nil.
func checkDurability(ctx context.Context, db *sql.DB, d Dialect) error {
	query, setting, good := "", "", func(string) bool { return true }
	switch d {
	case MySQL:
		query, setting = "SELECT @@innodb_flush_log_at_trx_commit", "innodb_flush_log_at_trx_commit"
		good = func(v string) bool { return v == "1" || v == "3" }
	case PostgreSQL:
		query, setting = "SELECT current_setting('synchronous_commit') || ',' || current_setting('fsync')", "synchronous_commit,fsync"
		good = func(v string) bool { return !strings.Contains(v, "off") }
	case SQLite:
		query, setting = "PRAGMA synchronous", "synchronous"
		good = func(v string) bool { level, err := strconv.Atoi(v); return err == nil && level >= 2 }
	}
	var value string
	if err := db.QueryRowContext(ctx, query).Scan(&value); err != nil {
		return wrap("reading the setting "+setting, err)
	}
	if !good(value) {
		err := fmt.Errorf("sqlstore: with %s = %s a crash makes the database forget revocations that it has acknowledged", setting, value)
		if d == SQLite {
			err = fmt.Errorf("%w: set synchronous(FULL), %s", err, sqlite.Remedy)
		}
		return err
	}
	return nil
}
