package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/sealjar/sealjar/internal/sqlite"
)

// Schema returns the statements by which [CreateTable] makes the table and its row, for those who keep their migrations
// elsewhere. The error names the option that is wrong.
func Schema(options Options) (string, error) {
	if err := options.complete(); err != nil {
		return "", err
	}
	return strings.Join(createQueries(options), ";\n") + ";\n", nil
}

// CreateTable makes the table and its row, or what of them is missing. Any number of nodes may call it at the same time, at
// every start; but a row that was lost comes back empty, and the nodes then go on with the ring that they have.
func CreateTable(ctx context.Context, db *sql.DB, options Options) error {
	if err := options.complete(); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlstore: creating the table: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	queries := createQueries(options)
	if options.Dialect == PostgreSQL {
		// IF NOT EXISTS is no protection against somebody who does the same at the same time. The number is of our choice.
		queries = append([]string{"SELECT pg_advisory_xact_lock(7308327816)"}, queries...)
	}
	for _, query := range queries {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("sqlstore: creating the table: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlstore: creating the table: %w", err)
	}
	return nil
}

// checkDurability says which setting lets the database forget what it has acknowledged, or nil.
func checkDurability(ctx context.Context, db *sql.DB, d Dialect) error {
	query, setting, good := "", "", func(string) bool { return true }
	switch d {
	case MySQL:
		// Without autocommit a statement is rolled back when its connection ends.
		query = "SELECT CONCAT(@@innodb_flush_log_at_trx_commit, ',', @@autocommit + 0)"
		setting = "innodb_flush_log_at_trx_commit,autocommit"
		good = func(v string) bool { return v == "1,1" || v == "3,1" }
	case PostgreSQL:
		query, setting = "SELECT current_setting('synchronous_commit') || ',' || current_setting('fsync')", "synchronous_commit,fsync"
		good = func(v string) bool { return !strings.Contains(v, "off") }
	case SQLite:
		query, setting = "PRAGMA synchronous", "synchronous"
		good = func(v string) bool { level, err := strconv.Atoi(v); return err == nil && level >= 2 }
	}
	var value string
	if err := db.QueryRowContext(ctx, query).Scan(&value); err != nil {
		return fmt.Errorf("sqlstore: reading the setting %s: %w", setting, err)
	}
	if !good(value) {
		err := fmt.Errorf("sqlstore: with %s = %s a crash makes the database forget keys that it has acknowledged", setting, value)
		if d == SQLite {
			err = fmt.Errorf("%w: set synchronous(FULL), %s", err, sqlite.Remedy)
		}
		return err
	}
	return nil
}
