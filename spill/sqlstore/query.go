package sqlstore

import (
	"context"
	"database/sql"
	"strings"
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

// maxTries is how often MySQL is told the same while others create, change and delete the row.
const maxTries = 8

// changes reports whether the statement has changed a row. If the database has broken it off in favour of another one, as
// MySQL's manual says one must expect (section 17.7.5.3), it was as if it had not been sent, and is sent again.
func (q *query) changes(ctx context.Context, args ...any) (changed bool, err error) {
	for range maxTries {
		changed, err = q.change(ctx, args...)
		if err == nil || !says(err, deadlock) {
			break
		}
	}
	return changed, err
}

// No driver is known here. All of them have the server's number in the text of an error.
const (
	duplicate = "Error 1062 "
	deadlock  = "Error 1213 "
)

func says(err error, number string) bool { return strings.Contains(err.Error(), number) }

func (q *query) change(ctx context.Context, args ...any) (bool, error) {
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
