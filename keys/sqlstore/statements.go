package sqlstore

import (
	"strconv"

	"github.com/sealjar/sealjar/keys"
)

// The SQL of one dialect and table. The table's name was checked to need no quoting.

// createQueries make the table, and its one row unless it is there.
func createQueries(o Options) []string {
	columns := map[Dialect]string{
		MySQL:      " (\n\tid TINYINT NOT NULL PRIMARY KEY,\n\tversion BIGINT NOT NULL,\n\tdocument MEDIUMBLOB NOT NULL\n) ENGINE=InnoDB",
		PostgreSQL: " (\n\tid smallint PRIMARY KEY,\n\tversion bigint NOT NULL,\n\tdocument bytea NOT NULL\n)",
		SQLite:     " (\n\tid INTEGER PRIMARY KEY,\n\tversion INTEGER NOT NULL,\n\tdocument BLOB NOT NULL\n)",
	}[o.Dialect]
	row := map[Dialect]string{
		MySQL:      "INSERT IGNORE INTO " + o.Table + " VALUES (1, 0, '')",
		PostgreSQL: "INSERT INTO " + o.Table + " VALUES (1, 0, '') ON CONFLICT DO NOTHING",
		SQLite:     "INSERT OR IGNORE INTO " + o.Table + " VALUES (1, 0, '')",
	}[o.Dialect]
	return []string{"CREATE TABLE IF NOT EXISTS " + o.Table + columns, row}
}

// loadQuery leaves a document that is too large where it is, and says how large it is.
func loadQuery(o Options) string {
	return "SELECT version, length(document), CASE WHEN length(document) <= " + strconv.Itoa(keys.MaxFileSize) +
		" THEN document END FROM " + o.Table + " WHERE id = 1"
}

func swapQuery(o Options) string {
	if o.Dialect == PostgreSQL {
		return "UPDATE " + o.Table + " SET version = $1, document = $2 WHERE id = 1 AND version = $3"
	}
	return "UPDATE " + o.Table + " SET version = ?, document = ? WHERE id = 1 AND version = ?"
}
