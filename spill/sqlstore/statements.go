package sqlstore

import (
	"strconv"
	"strings"

	"github.com/sealjar/sealjar/spill"
)

// The SQL of one dialect and table. The table's name was checked to need no quoting.

// tableQueries make the table and its index.
func tableQueries(o Options) []string {
	switch index := o.Table + "_expires"; o.Dialect {
	case MySQL:
		return []string{"CREATE TABLE IF NOT EXISTS " + o.Table + " (\n\tid VARBINARY(64) NOT NULL PRIMARY KEY,\n\tversion BIGINT NOT NULL,\n" +
			"\texpires BIGINT NOT NULL,\n\tdata MEDIUMBLOB NOT NULL,\n\tKEY " + index + " (expires)\n) ENGINE=InnoDB"}
	case PostgreSQL:
		return []string{
			"CREATE TABLE IF NOT EXISTS " + o.Table + " (\n\tid text COLLATE \"C\" PRIMARY KEY,\n\tversion bigint NOT NULL,\n" +
				"\texpires bigint NOT NULL,\n\tdata bytea NOT NULL\n)",
			"CREATE INDEX IF NOT EXISTS " + index + " ON " + o.Table + " (expires)",
		}
	default:
		return []string{
			"CREATE TABLE IF NOT EXISTS " + o.Table + " (\n\tid TEXT NOT NULL PRIMARY KEY,\n\tversion INTEGER NOT NULL,\n" +
				"\texpires INTEGER NOT NULL,\n\tdata BLOB NOT NULL\n)",
			"CREATE INDEX IF NOT EXISTS " + index + " ON " + o.Table + " (expires)",
		}
	}
}

// getQuery finds no row that is too large. With MariaDB it takes longer to fetch the length along with each row
// than to choose by it.
func getQuery(o Options) string {
	return o.places("SELECT version, data FROM " + o.Table + " WHERE id = ? AND expires > ? AND length(data) <= " + strconv.Itoa(spill.MaxSize))
}

// sizeQuery tells a row that is too large from one that is not there.
func sizeQuery(o Options) string {
	return o.places("SELECT length(data) FROM " + o.Table + " WHERE id = ? AND expires > ?")
}

func createQuery(o Options) string {
	insert := "INSERT INTO " + o.Table + " (id, version, expires, data) VALUES (?, ?, ?, ?)"
	if o.Dialect == MySQL {
		return insert
	}
	return o.places(insert + " ON CONFLICT (id) DO UPDATE SET version = excluded.version, expires = excluded.expires, data = excluded.data" +
		" WHERE " + o.Table + ".expires <= ?")
}

// replaceQuery is not MySQL's INSERT … ON DUPLICATE KEY UPDATE, which is a little faster: where there is no row that would make
// one, and deadlock with those who delete it.
func replaceQuery(o Options) string {
	table := o.Table
	if o.Dialect == MySQL {
		// Else each write looks into the index of expires too, to find out which one is better.
		table += " FORCE INDEX (PRIMARY)"
	}
	return o.places("UPDATE " + table + " SET version = ?, expires = ?, data = ? WHERE id = ? AND version < ? AND expires > ?")
}

func deleteQuery(o Options) string { return o.places("DELETE FROM " + o.Table + " WHERE id = ?") }

// places puts PostgreSQL's placeholders in the place of question marks.
func (o *Options) places(text string) string {
	if o.Dialect != PostgreSQL {
		return text
	}
	parts := strings.Split(text, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}
