package sqlstore_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/revocation/sqlstore"
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

// Connections that wait lose no sign-out, however long the turns of the others take on a slow disk.
func TestSignOutsOfOneMomentWaitForEachOther(t *testing.T) {
	options := sqlstore.Options{Dialect: sqlstore.SQLite}
	patient := strings.Replace(sqlite.Parameters, "busy_timeout(20000)", "busy_timeout(60000)", 1)
	db := opener("sqlite", "file:"+filepath.Join(t.TempDir(), "file.db")+"?"+patient)(t)
	require.NoError(t, sqlstore.CreateTable(t.Context(), db, options))
	store, err := sqlstore.Open(t.Context(), db, options)
	require.NoError(t, err)
	errs, signOuts := make([]error, 40), sync.WaitGroup{}
	for i := range errs {
		signOuts.Go(func() { errs[i] = store.Add(t.Context(), entry(fmt.Sprint("session", i))) })
	}
	signOuts.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}
