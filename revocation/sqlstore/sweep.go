package sqlstore

import "context"

// sweepSize is how many rows one statement deletes: few, so that nobody waits for its locks.
const sweepSize = 1000

// Sweep implements [revocation.Sweeper]: it deletes up to 1,000 rows that have expired. The row with the highest number
// stays, since the cursors of the nodes that are up to date point to it.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	table, now := s.options.Table, s.options.Now().UnixMilli()
	var highest int64
	if err := s.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) FROM "+table).Scan(&highest); err != nil {
		return 0, wrap("sweep", err)
	}
	var query string
	switch s.options.Dialect {
	case MySQL:
		// Rows that another node is deleting are skipped and not waited for, and in the order of the primary key no two
		// statements wait for each other.
		query = "DELETE FROM " + table + " WHERE seq < ? AND expires <= ? ORDER BY seq LIMIT ?"
	case PostgreSQL:
		query = "DELETE FROM " + table + " WHERE seq IN (SELECT seq FROM " + table +
			" WHERE seq < $1 AND expires <= $2 ORDER BY seq LIMIT $3 FOR UPDATE SKIP LOCKED)"
	case SQLite:
		query = "DELETE FROM " + table + " WHERE seq IN (SELECT seq FROM " + table + " WHERE seq < ? AND expires <= ? LIMIT ?)"
	}
	result, err := s.db.ExecContext(ctx, query, highest, now, sweepSize)
	if err != nil {
		return 0, wrap("sweep", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("sweep", err)
}
