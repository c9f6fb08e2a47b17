package sqlstore

import (
	"strconv"
	"strings"
)

// columns are what a row is read by, in the order of row's fields.
const columns = "seq, tag, kind, name, cutoff, expires, reason"

// statements is the SQL of one dialect and table. The table's name was checked to need no quoting.
type statements struct {
	dialect Dialect
	table   string
	create  []string
}

func newStatements(d Dialect, table string) statements {
	s := statements{dialect: d, table: table}
	switch d {
	case MySQL:
		s.create = []string{`CREATE TABLE IF NOT EXISTS ` + table + ` (
	seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	tag BIGINT NOT NULL,
	kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARBINARY(255) NOT NULL,
	cutoff BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	reason VARBINARY(255) NOT NULL,
	made BIGINT NOT NULL,
	KEY ` + table + `_name (kind, name),
	KEY ` + table + `_expires (expires)
) ENGINE=InnoDB`}
	case PostgreSQL:
		s.create = []string{
			`CREATE TABLE IF NOT EXISTS ` + table + ` (
	seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	tag bigint NOT NULL,
	kind text NOT NULL,
	name bytea NOT NULL,
	cutoff bigint NOT NULL,
	expires bigint NOT NULL,
	reason bytea NOT NULL,
	xid xid8 NOT NULL DEFAULT pg_current_xact_id()
)`,
			`CREATE INDEX IF NOT EXISTS ` + table + `_xid ON ` + table + ` (xid)`,
			`CREATE INDEX IF NOT EXISTS ` + table + `_name ON ` + table + ` (kind, name)`,
			`CREATE INDEX IF NOT EXISTS ` + table + `_expires ON ` + table + ` (expires)`,
			// Rows that were restored from another cluster's dump have ids of its transactions, which may lie in the future here.
			`UPDATE ` + table + ` SET xid = pg_current_xact_id() WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())`,
		}
	case SQLite:
		s.create = []string{
			`CREATE TABLE IF NOT EXISTS ` + table + ` (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	tag INTEGER NOT NULL,
	kind TEXT NOT NULL,
	name BLOB NOT NULL,
	cutoff INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	reason BLOB NOT NULL
)`,
			`CREATE INDEX IF NOT EXISTS ` + table + `_name ON ` + table + ` (kind, name)`,
			`CREATE INDEX IF NOT EXISTS ` + table + `_expires ON ` + table + ` (expires)`,
		}
	}
	return s
}

// serverNow is MySQL's clock in milliseconds since 1970, to the second: the only clock that ages of gaps are told by. Without an
// argument it does not depend on the time zone.
const serverNow = "UNIX_TIMESTAMP() * 1000"

func (s *statements) insert(rows int) string {
	names, values, last := "tag, kind, name, cutoff, expires, reason", 6, ""
	if s.dialect == MySQL {
		names, last = names+", made", ", "+serverNow
	}
	var b strings.Builder
	b.WriteString("INSERT INTO " + s.table + " (" + names + ") VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + s.places(i*values, values) + last + ")")
	}
	if s.dialect == PostgreSQL {
		// Listeners hear of it at the commit, in the same round trip.
		return "WITH added AS (" + b.String() + ") SELECT pg_notify('" + s.table + "', '')"
	}
	return b.String()
}

func (s *statements) lookup(names int) string {
	var b strings.Builder
	b.WriteString("SELECT " + columns + " FROM " + s.table + " WHERE (")
	for i := range names {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString("(kind = " + s.places(2*i, 1) + " AND name = " + s.places(2*i+1, 1) + ")")
	}
	b.WriteString(") AND expires > " + s.places(2*names, 1))
	return b.String()
}

// places is n placeholders, of which the first has the given number.
func (s *statements) places(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		if s.dialect == PostgreSQL {
			b.WriteString("$" + strconv.Itoa(first+i+1))
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}
