package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// batchSize is how many entries are handed on at a time: memory stays bounded while a node catches up.
const batchSize = 1000

// Read implements [revocation.Store].
func (s *Store) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	c, err := parseCursor(after)
	if err != nil {
		return "", err
	}
	batch := &batch{apply: apply, now: s.options.Now().UnixMilli()}
	switch s.options.Dialect {
	case PostgreSQL:
		err = s.readTransactions(ctx, c, batch)
	case MySQL:
		err = s.readNumbers(ctx, c, batch, true)
	case SQLite:
		err = s.readNumbers(ctx, c, batch, false)
	}
	if err == nil {
		err = batch.flush()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return "", err
	}
	return c.text(), nil
}

// row is a row as it is scanned. Its bytes are the driver's, until the next row.
type row struct {
	seq, tag           int64
	kind, name, reason sql.RawBytes
	cutoff, expires    int64
}

// fields are where the columns go.
func (r *row) fields() []any {
	return []any{&r.seq, &r.tag, &r.kind, &r.name, &r.cutoff, &r.expires, &r.reason}
}

// kinds are found without making a string of each row's.
var kinds = [...]revocation.Kind{revocation.Session, revocation.Renewed, revocation.Token, revocation.Subject, revocation.Group, revocation.Key, revocation.All}

func kindOf(text []byte) revocation.Kind {
	for _, k := range kinds {
		if string(text) == string(k) {
			return k
		}
	}
	return revocation.Kind(text)
}

func (r *row) entry() revocation.Entry {
	return revocation.Entry{
		Kind: kindOf(r.kind), Name: string(r.name), Reason: string(r.reason),
		Cutoff: time.UnixMilli(r.cutoff), Until: time.UnixMilli(r.expires),
	}
}

// scan hands each row on and closes rows.
func scan(rows *sql.Rows, each func(*row) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := new(row)
	fields := r.fields()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// batch collects entries for apply and leaves out those that have expired, or that a stranger has written.
type batch struct {
	apply   func([]revocation.Entry) error
	now     int64
	entries []revocation.Entry
	many    bool // there was a full batch already, so that the next one may be, too
}

func (b *batch) add(r *row) error {
	if r.expires <= b.now {
		return nil
	}
	e := r.entry()
	if err := e.Check(); err != nil {
		return wrap("a row of the table", err)
	}
	if b.entries == nil && b.many {
		b.entries = make([]revocation.Entry, 0, batchSize)
	}
	b.entries = append(b.entries, e)
	if len(b.entries) < batchSize {
		return nil
	}
	return b.flush()
}

func (b *batch) flush() error {
	if len(b.entries) == 0 {
		return nil
	}
	err := b.apply(b.entries)
	b.entries, b.many = nil, true // apply may keep it
	return err
}

// checkLast makes sure that the table still has the row at which the cursor stands.
func (s *Store) checkLast(ctx context.Context, c *cursor) error {
	if c.last == 0 {
		return nil
	}
	var tag int64
	err := s.db.QueryRowContext(ctx, "SELECT tag FROM "+s.options.Table+" WHERE seq = "+s.sql.places(0, 1), c.last).Scan(&tag)
	if errors.Is(err, sql.ErrNoRows) || err == nil && tag != c.tag {
		return errBadCursor
	}
	return wrap("read", err)
}
