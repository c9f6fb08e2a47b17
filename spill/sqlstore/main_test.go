package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/spill/sqlstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is a running database, and how one process after the other connects to it.
type database struct {
	dialect sqlstore.Dialect
	server  *testserver.Server // nil for SQLite
	url     string
	connect func(t testing.TB) *sql.DB
}

// databases starts one of each.
func databases(t *testing.T, each func(t *testing.T, d database)) {
	t.Run("SQLite", func(t *testing.T) { each(t, sqliteAt(t)) })
	t.Run("MariaDB", func(t *testing.T) { each(t, mariaDB(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { each(t, postgreSQL(t)) })
}

func sqliteAt(t testing.TB) database {
	file := filepath.Join(t.TempDir(), "sessions.db")
	query := url.Values{"_pragma": {"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	d := database{dialect: sqlstore.SQLite, connect: opener("sqlite", "file:"+file+"?"+query.Encode())}
	require.NoError(t, d.connect(t).Ping()) // to change to WAL is the one thing for which SQLite does not wait
	return d
}

func mariaDB(t testing.TB) database {
	server, dsn := testserver.MariaDB(t)
	return database{dialect: sqlstore.MySQL, server: server, url: dsn, connect: opener("mysql", dsn)}
}

func postgreSQL(t testing.TB) database {
	server, url := testserver.PostgreSQL(t)
	return database{dialect: sqlstore.PostgreSQL, server: server, url: url, connect: opener("pgx", url)}
}

func opener(driver, dsn string) func(t testing.TB) *sql.DB {
	return func(t testing.TB) *sql.DB {
		t.Helper()
		db, err := sql.Open(driver, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
}

var tables atomic.Int64

// table makes a table of its own for a test.
func (d database) table(t testing.TB) sqlstore.Options {
	t.Helper()
	options := sqlstore.Options{Dialect: d.dialect, Table: fmt.Sprintf("sessions_%d", tables.Add(1))}
	require.NoError(t, sqlstore.CreateTable(t.Context(), d.connect(t), options))
	return options
}

func (d database) open(t testing.TB, options sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), d.connect(t), options)
	require.NoError(t, err)
	return s
}

func exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.ExecContext(context.Background(), s)
		require.NoError(t, err, strings.SplitN(s, "\n", 2)[0])
	}
}
