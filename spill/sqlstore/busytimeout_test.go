package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/spill/sqlstore"
)

// Connections that do not wait for each other lose writes of the same moment, so Open wants to hear of none.
func TestSQLiteThatDoesNotWaitIsRefused(t *testing.T) {
	wait := func(t *testing.T, db *sql.DB) { exec(t, db, "PRAGMA busy_timeout = 5000") }
	alone := func(_ *testing.T, db *sql.DB) { db.SetMaxOpenConns(1) }
	for name, test := range map[string]struct {
		parameters string
		prepare    func(*testing.T, *sql.DB)
		refused    bool
	}{
		"a plain file refused":                        {"", nil, true},
		"a timeout of one connection of many refused": {"", wait, true},
		"one connection refused":                      {"", alone, true},
		"a timeout of each connection allowed":        {"?_pragma=busy_timeout(5000)", nil, false},
		"one connection with a timeout allowed":       {"?_pragma=busy_timeout(5000)", alone, false},
	} {
		t.Run(name, func(t *testing.T) {
			options := sqlstore.Options{Dialect: sqlstore.SQLite}
			db := opener("sqlite", filepath.Join(t.TempDir(), "file.db")+test.parameters)(t)
			if test.prepare != nil {
				test.prepare(t, db)
			}
			require.NoError(t, sqlstore.CreateTable(t.Context(), db, options))
			_, err := sqlstore.Open(t.Context(), db, options)
			if !test.refused {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "with busy_timeout = 0 ")
			require.ErrorContains(t, err, "set it for each connection, "+sqlite.Remedy)
		})
	}
}
