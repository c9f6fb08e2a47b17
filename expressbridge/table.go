package expressbridge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Table names a table of sessions and its columns. Names have letters, digits, _, $ and -; that of the table may have the
// name of its database or schema and a dot before it. Empty means what the package of Express calls it.
type Table struct{ Name, ID, Expires, Data string }

// MySQL is the table of express-mysql-session in MySQL or MariaDB: by default sessions, with session_id, expires in
// seconds since 1970, and data, which may be of any type of text or of the type JSON. The driver is yours, such as
// github.com/go-sql-driver/mysql; its connections may have any charset.
func MySQL(db *sql.DB, t Table) (Rows, error) {
	if err := t.complete(db, Table{"sessions", "session_id", "expires", "data"}, "`"); err != nil {
		return nil, err
	}
	// The second comparison is of bytes: the first one, which finds the row, may take upper case for lower case.
	where := t.fill(" WHERE {id} = ? AND CAST(CONVERT({id} USING utf8mb4) AS BINARY) = ?")
	return &table{
		db: db,
		// As bytes: a connection of another charset than utf8mb4 would be given a ? for what that has not.
		get:    t.fill("SELECT {id}, {expires}, LEFT(CAST(CONVERT({data} USING utf8mb4) AS BINARY), ?) FROM {table}") + where,
		insert: t.fill("INSERT INTO {table} ({data}, {expires}, {id}) VALUES (?, ?, ?)"),
		update: t.fill("UPDATE {table} SET {data} = ?, {expires} = ?") + where,
		touch:  t.fill("UPDATE {table} SET {expires} = ?") + where,
		delete: t.fill("DELETE FROM {table}") + where,
	}, nil
}

// PostgreSQL is the table of connect-pg-simple: by default session, with sid, sess of the type json, and expire, a
// timestamp in the time zone of the connection, which must be the one that Node.js uses. The driver is yours, such as
// github.com/jackc/pgx/v5/stdlib.
func PostgreSQL(db *sql.DB, t Table) (Rows, error) {
	if err := t.complete(db, Table{"session", "sid", "expire", "sess"}, `"`); err != nil {
		return nil, err
	}
	// The second comparison is of bytes, whatever the collation of the column takes for the same. It has a parameter of its
	// own, since that of the first one is of the type of the column, which may be uuid.
	where := func(n int) string {
		return t.fill(fmt.Sprintf(` WHERE {id} = $%d AND CAST({id} AS text) COLLATE "C" = $%d`, n, n+1))
	}
	return &table{
		db:     db,
		get:    t.fill(`SELECT CAST({id} AS text), CAST(floor(extract(epoch FROM CAST({expires} AS timestamptz))) AS bigint), left({data}::text, $1) FROM {table}`) + where(2),
		insert: t.fill(`INSERT INTO {table} ({data}, {expires}, {id}) VALUES ($1, to_timestamp($2), $3)`),
		update: t.fill(`UPDATE {table} SET {data} = $1, {expires} = to_timestamp($2)`) + where(3),
		touch:  t.fill(`UPDATE {table} SET {expires} = to_timestamp($1)`) + where(2),
		delete: t.fill(`DELETE FROM {table}`) + where(1),
	}, nil
}

func (t *Table) complete(db *sql.DB, otherwise Table, quote string) error {
	if db == nil {
		return errors.New("expressbridge: the database is missing")
	}
	for _, f := range []struct {
		field     string
		name      *string
		otherwise string
		parts     int
	}{
		{"Name", &t.Name, otherwise.Name, 2},
		{"ID", &t.ID, otherwise.ID, 1},
		{"Expires", &t.Expires, otherwise.Expires, 1},
		{"Data", &t.Data, otherwise.Data, 1},
	} {
		if *f.name == "" {
			*f.name = f.otherwise
		}
		parts := strings.Split(*f.name, ".")
		for i, part := range parts {
			if part == "" || len(part) > 64 || len(parts) > f.parts || strings.ContainsFunc(part, notInName) {
				return fmt.Errorf("expressbridge: Table.%s: %q is not a name of letters, digits, _, $ and -", f.field, *f.name)
			}
			parts[i] = quote + part + quote
		}
		*f.name = strings.Join(parts, ".")
	}
	return nil
}

func notInName(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '$' && c != '-'
}

func (t *Table) fill(statement string) string {
	return strings.NewReplacer("{table}", t.Name, "{id}", t.ID, "{expires}", t.Expires, "{data}", t.Data).Replace(statement)
}

// table is Rows over database/sql. A statement with a condition has the id twice, at its end.
type table struct {
	db                                 *sql.DB
	get, insert, update, touch, delete string
}

func (t *table) Get(ctx context.Context, sid string, limit int) (data []byte, expires time.Time, err error) {
	rows, err := t.db.QueryContext(ctx, t.get, limit+1, sid, sid)
	if err != nil {
		return nil, expires, err
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		var id string
		var seconds int64
		var text []byte
		if err := rows.Scan(&id, &seconds, &text); err != nil {
			return nil, expires, err
		}
		if id == sid { // and nothing that a collation takes for it
			data, expires, found = text, time.Unix(seconds, 0), true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, err
	}
	if !found {
		return nil, expires, ErrNoRow
	}
	return data, expires, nil
}

func (t *table) Insert(ctx context.Context, sid string, data []byte, expires time.Time) error {
	_, err := t.db.ExecContext(ctx, t.insert, string(inASCII(data)), expires.Unix(), sid)
	return err
}

func (t *table) Update(ctx context.Context, sid string, data []byte, expires time.Time) (err error) {
	if data == nil {
		_, err = t.db.ExecContext(ctx, t.touch, expires.Unix(), sid, sid)
		return err
	}
	_, err = t.db.ExecContext(ctx, t.update, string(inASCII(data)), expires.Unix(), sid, sid)
	return err
}

func (t *table) Delete(ctx context.Context, sid string) error {
	_, err := t.db.ExecContext(ctx, t.delete, sid, sid)
	return err
}
