package sqlstore

import (
	"context"
	"database/sql"
)

// query is one statement. MySQL's driver asks twice for each, once to prepare it, so there it is prepared for good.
// PostgreSQL's does that by itself, unless it was told not to because of a pooler in between.
type query struct {
	db       *sql.DB
	text     string
	prepared *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB, d Dialect, text string) (query, error) {
	q := query{db: db, text: text}
	if d != MySQL {
		return q, nil
	}
	var err error
	q.prepared, err = db.PrepareContext(ctx, text)
	return q, err
}

func (q *query) row(ctx context.Context, args ...any) *sql.Row {
	if q.prepared != nil {
		return q.prepared.QueryRowContext(ctx, args...)
	}
	return q.db.QueryRowContext(ctx, q.text, args...)
}

// changes reports whether the statement has changed a row.
func (q *query) changes(ctx context.Context, args ...any) (bool, error) {
	var result sql.Result
	var err error
	if q.prepared != nil {
		result, err = q.prepared.ExecContext(ctx, args...)
	} else {
		result, err = q.db.ExecContext(ctx, q.text, args...)
	}
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
