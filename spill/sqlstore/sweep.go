package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	// sweepEach is after how many sessions a request deletes rows, and sweepSize how many at the most: more than are made, and
	// few enough that the request does not take noticeably longer.
	sweepEach, sweepSize = 16, 100
)

// Sweep deletes up to 100 rows that have expired, and returns how many.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	n, err := s.sweep(ctx)
	if err != nil {
		return 0, fmt.Errorf("sqlstore: sweep: %w", err)
	}
	return n, nil
}

func (s *Store) sweep(ctx context.Context) (int, error) {
	table, args := s.options.Table, []any{s.now(), sweepSize}
	var query string
	switch s.options.Dialect {
	case MySQL:
		// To delete by the time would lock what lies between the rows, where others insert.
		ids, err := s.expired(ctx)
		if err != nil || len(ids) == 0 {
			return 0, err
		}
		query = "DELETE FROM " + table + " WHERE expires <= ? AND id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
		args = append([]any{s.now()}, ids...)
	case PostgreSQL:
		query = "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE expires <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)"
	case SQLite:
		query = "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE expires <= ? LIMIT ?)"
	}
	result, err := s.db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// expired returns ids in an order in which no two statements wait for each other.
func (s *Store) expired(ctx context.Context) ([]any, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM "+s.options.Table+" WHERE expires <= ? LIMIT ?", s.now(), sweepSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = []byte(id)
	}
	return args, rows.Err()
}
