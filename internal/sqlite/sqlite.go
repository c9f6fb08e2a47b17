// Package sqlite knows what every store in SQLite wants of its connections. It imports no driver.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// Parameters are those of a DSN of modernc.org/sqlite by which each connection waits for its turn, and keeps what it
// acknowledges.
const Parameters = "_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"

// Remedy is the end of an error about a setting.
const Remedy = "with modernc.org/sqlite by the DSN file:PATH?" + Parameters

// CheckBusyTimeout returns nil if connections wait for the one that writes, and otherwise an error that says what fails without. The
// setting belongs to a connection, so it is not the first one that is asked, if the pool may have more: somebody may
// have set it for that one with Exec.
func CheckBusyTimeout(ctx context.Context, db *sql.DB, fails string) error {
	if db.Stats().MaxOpenConnections != 1 {
		first, err := db.Conn(ctx)
		if err != nil {
			return fmt.Errorf("sqlstore: reading the setting busy_timeout: %w", err)
		}
		defer first.Close()
	}
	var milliseconds int
	if err := db.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&milliseconds); err != nil {
		return fmt.Errorf("sqlstore: reading the setting busy_timeout: %w", err)
	}
	if milliseconds == 0 {
		return fmt.Errorf("sqlstore: with busy_timeout = 0 %s at the same moment as another one fails (database is locked): "+
			"set it for each connection, %s", fails, Remedy)
	}
	return nil
}
