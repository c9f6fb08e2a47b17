package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/spill/spilltest"
	"github.com/sealjar/sealjar/spill/sqlstore"
)

func row(version int64, text string) spill.Row {
	return spill.Row{Version: version, Data: []byte(text)}
}

func soon() time.Time { return time.Now().Add(time.Hour) }

func TestOptionsRefused(t *testing.T) {
	db := sqliteAt(t).connect(t)
	for name, test := range map[string]struct {
		options sqlstore.Options
		says    string
	}{
		"no dialect":          {sqlstore.Options{}, "Options.Dialect"},
		"unknown dialect":     {sqlstore.Options{Dialect: "oracle"}, "Options.Dialect"},
		"a table with quotes": {sqlstore.Options{Dialect: sqlstore.SQLite, Table: `a"; DROP TABLE b; --`}, "Options.Table"},
		"a table in capitals": {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "Sessions"}, "Options.Table"},
		"a table of a digit":  {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "1a"}, "Options.Table"},
		"a long table":        {sqlstore.Options{Dialect: sqlstore.SQLite, Table: strings.Repeat("a", 49)}, "Options.Table"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlstore.Open(t.Context(), db, test.options)
			require.ErrorContains(t, err, "sqlstore: "+test.says)
			require.ErrorContains(t, sqlstore.CreateTable(t.Context(), db, test.options), test.says)
			_, err = sqlstore.Schema(test.options)
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err := sqlstore.Open(t.Context(), nil, sqlstore.Options{Dialect: sqlstore.SQLite})
	require.ErrorContains(t, err, "no database")
}

// TestOnRealDatabases does it all on one server of each kind.
func TestOnRealDatabases(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		spilltest.Run(t, func(t *testing.T) func() spill.Store {
			options := d.table(t)
			return func() spill.Store { return d.open(t, options) }
		})
		testTableIsMadeOnce(t, d)
		testDurability(t, d)
		testSweep(t, d)
		testSweepsAtTheSameTime(t, d)
		testHugeRow(t, d)
		testErrorsTellNothing(t, d)
		testFoundRows(t, d)
		testCreateAmongDeletes(t, d)
		testCrowd(t, d)
		testJar(t, d)
		testRestart(t, d)
	})
}

// testTableIsMadeOnce lets many nodes start at the same time.
func testTableIsMadeOnce(t *testing.T, d database) {
	options := sqlstore.Options{Dialect: d.dialect, Table: "made_once"}
	_, err := sqlstore.Open(t.Context(), d.connect(t), options)
	require.ErrorContains(t, err, "table made_once can't be")
	require.ErrorContains(t, err, "(CreateTable makes it)")
	var nodes sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		db := d.connect(t)
		nodes.Go(func() { errs[i] = sqlstore.CreateTable(t.Context(), db, options) })
	}
	nodes.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	s := d.open(t, options)
	require.NoError(t, s.Create(t.Context(), "a", row(1, "one"), soon()))
	require.NoError(t, sqlstore.CreateTable(t.Context(), d.connect(t), options))
	got, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, row(1, "one"), got, "at the next start the session is still there")

	// What Schema says is what CreateTable does.
	schema, err := sqlstore.Schema(sqlstore.Options{Dialect: d.dialect, Table: "by_hand"})
	require.NoError(t, err)
	for _, statement := range strings.Split(strings.TrimSpace(schema), ";\n") {
		exec(t, d.connect(t), strings.TrimSuffix(statement, ";"))
	}
	d.open(t, sqlstore.Options{Dialect: d.dialect, Table: "by_hand"})
}

// testDurability weakens the database and expects Open to say so.
func testDurability(t *testing.T, d database) {
	options := d.table(t)
	type weak struct {
		connect func(testing.TB) *sql.DB
		setting string
	}
	var all []weak
	switch d.dialect {
	case sqlstore.MySQL:
		all = []weak{
			{opener("mysql", d.url+"?autocommit=0"), "innodb_flush_log_at_trx_commit,autocommit = 1,0"},
			{d.connect, "innodb_flush_log_at_trx_commit,autocommit = 2,1"},
		}
	case sqlstore.PostgreSQL:
		all = []weak{{opener("pgx", d.url+"&synchronous_commit=off"), "synchronous_commit,fsync = off,on"}}
	case sqlstore.SQLite:
		all = []weak{{opener("sqlite", "file:"+t.TempDir()+"/weak.db?_pragma=synchronous(NORMAL)&_pragma=busy_timeout(20000)"), "synchronous = 1"}}
		require.NoError(t, sqlstore.CreateTable(t.Context(), all[0].connect(t), options))
	}
	for _, w := range all {
		if strings.HasSuffix(w.setting, "2,1") {
			exec(t, d.connect(t), "SET GLOBAL innodb_flush_log_at_trx_commit = 2")
			defer exec(t, d.connect(t), "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
		}
		_, err := sqlstore.Open(t.Context(), w.connect(t), options)
		require.ErrorContains(t, err, "with "+w.setting+" a crash makes the database forget")
		if d.dialect == sqlstore.SQLite {
			require.ErrorContains(t, err, "acknowledged: set synchronous(FULL), "+sqlite.Remedy)
		}
		insecure := options
		insecure.InsecureDurability = true
		_, err = sqlstore.Open(t.Context(), w.connect(t), insecure)
		require.NoError(t, err)
	}
}

func rowsOf(t *testing.T, d database, options sqlstore.Options) (n int) {
	t.Helper()
	require.NoError(t, d.connect(t).QueryRow("SELECT COUNT(*) FROM "+options.Table).Scan(&n))
	return n
}

// testSweep : who makes sessions deletes those that have expired, and no others.
func testSweep(t *testing.T, d database) {
	options := d.table(t)
	s := d.open(t, options)
	now := time.Now()
	for i := range 60 {
		require.NoError(t, s.Create(t.Context(), fmt.Sprint("over-", i), row(1, "x"), now.Add(-time.Minute)))
	}
	for i := range 20 {
		require.NoError(t, s.Create(t.Context(), fmt.Sprint("alive-", i), row(1, "x"), soon()))
	}
	require.Less(t, rowsOf(t, d, options), 20+16)
	_, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 20, rowsOf(t, d, options))
	n, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)

	later := options
	later.Now = func() time.Time { return now.Add(2 * time.Hour) }
	n, err = d.open(t, later).Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 20, n)
}

// testSweepsAtTheSameTime : nodes sweep, and make sessions, without getting in each other's way.
func testSweepsAtTheSameTime(t *testing.T, d database) {
	options := d.table(t)
	var nodes sync.WaitGroup
	errs := make(chan error, 100)
	for n := range 4 {
		s := d.open(t, options)
		nodes.Go(func() {
			for i := range 50 {
				errs <- s.Create(t.Context(), fmt.Sprintf("over-%d-%d", n, i), row(1, "x"), time.Now().Add(-time.Minute))
				errs <- s.Create(t.Context(), fmt.Sprintf("alive-%d-%d", n, i), row(1, "x"), soon())
			}
		})
	}
	go func() {
		nodes.Wait()
		close(errs)
	}()
	for err := range errs {
		require.NoError(t, err)
	}
	s := d.open(t, options)
	for {
		n, err := s.Sweep(t.Context())
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	require.Equal(t, 200, rowsOf(t, d, options))
}

// testHugeRow reads what somebody else has put there.
func testHugeRow(t *testing.T, d database) {
	options := d.table(t)
	s := d.open(t, options)
	require.NoError(t, s.Create(t.Context(), "a", row(1, strings.Repeat("a", spill.MaxSize)), soon()))
	more := map[sqlstore.Dialect]string{
		sqlstore.MySQL: "CONCAT(data, 'b')", sqlstore.PostgreSQL: "data || 'b'::bytea", sqlstore.SQLite: "CAST(data || 'b' AS BLOB)",
	}[d.dialect]
	exec(t, d.connect(t), "UPDATE "+options.Table+" SET data = "+more)
	_, err := s.Get(t.Context(), "a")
	require.ErrorContains(t, err, "has 1048577 bytes: at most 1048576")
}

// testErrorsTellNothing makes the database refuse a row. What it says of it must not be the row.
func testErrorsTellNothing(t *testing.T, d database) {
	options := d.table(t)
	s, db := d.open(t, options), d.connect(t)
	switch d.dialect {
	case sqlstore.MySQL:
		exec(t, db, "ALTER TABLE "+options.Table+" MODIFY data VARBINARY(5) NOT NULL")
	case sqlstore.PostgreSQL:
		exec(t, db, "ALTER TABLE "+options.Table+" ADD CHECK (length(data) < 5)")
	case sqlstore.SQLite:
		exec(t, db, "CREATE TRIGGER t BEFORE INSERT ON "+options.Table+" BEGIN SELECT RAISE(ABORT, 'no'); END")
	}
	err := s.Create(t.Context(), "a", row(1, "the-secret-of-all"), soon())
	require.ErrorContains(t, err, "sqlstore: create: ")
	require.NotContains(t, err.Error(), "secret")
	require.NotErrorIs(t, err, spill.ErrConflict)
}

// testFoundRows has a driver that counts the rows that it finds, and not those that it changes.
func testFoundRows(t *testing.T, d database) {
	if d.dialect != sqlstore.MySQL {
		return
	}
	options := d.table(t)
	d.connect = opener("mysql", d.url+"?clientFoundRows=true&interpolateParams=true")
	s := d.open(t, options)
	require.NoError(t, s.Create(t.Context(), "a", row(1, "a"), soon()))
	require.ErrorIs(t, s.Create(t.Context(), "a", row(1, "a"), soon()), spill.ErrConflict)
	require.NoError(t, s.Replace(t.Context(), "a", row(2, "a"), soon()))
	require.ErrorIs(t, s.Replace(t.Context(), "a", row(2, "a"), soon()), spill.ErrConflict)
}

// testCreateAmongDeletes : a row that goes while another is made in its place is no error.
func testCreateAmongDeletes(t *testing.T, d database) {
	options := d.table(t)
	s, other := d.open(t, options), d.open(t, options)
	for range 300 {
		require.NoError(t, s.Create(t.Context(), "a", row(1, "x"), soon()))
		var deleted sync.WaitGroup
		var failed error
		deleted.Go(func() { failed = other.Delete(t.Context(), "a") })
		err := s.Create(t.Context(), "a", row(2, "y"), soon())
		deleted.Wait()
		require.NoError(t, failed)
		if err != nil {
			require.ErrorIs(t, err, spill.ErrConflict)
		}
		require.NoError(t, s.Delete(t.Context(), "a"))
	}
}

// testCrowd : many who create, change and delete one row at the same time meet conflicts, and no error of the database.
func testCrowd(t *testing.T, d database) {
	s := d.open(t, d.table(t))
	const each = 100
	var crowd sync.WaitGroup
	errs := make(chan error, 8*each)
	for i := range 8 {
		crowd.Go(func() {
			for n := range each {
				switch version := int64(n*8 + i + 1); i % 4 {
				case 0:
					errs <- s.Delete(t.Context(), "a")
				case 1:
					errs <- s.Create(t.Context(), "a", row(version, "x"), soon())
				default:
					errs <- s.Replace(t.Context(), "a", row(version, "y"), soon())
				}
			}
		})
	}
	crowd.Wait()
	close(errs)
	for err := range errs {
		if !errors.Is(err, spill.ErrConflict) {
			require.NoError(t, err)
		}
	}
}

type basket struct{ Items []string }

// testJar : sessions of a jar, by two nodes, on this database.
func testJar(t *testing.T, d database) {
	options, ring := d.table(t), sealjartest.Ring(t)
	node := func() *sealjar.Jar[basket] {
		jar, err := sealjar.New[basket](sealjar.Options{Keys: ring, Spill: spill.Options{Store: d.open(t, options)}})
		require.NoError(t, err)
		return jar
	}
	first, second := node(), node()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	sealjartest.WithSession(t, first, r, func(s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(context.Background(), "ada"))
		s.Data.Items = []string{strings.Repeat("x", 20_000)}
	})
	require.Less(t, len(r.Header.Get("Cookie")), 1000)
	sealjartest.WithSession(t, second, r, func(s *sealjar.Session[basket]) { s.Data.Items = append(s.Data.Items, "y") })
	s, err := first.Load(r)
	require.NoError(t, err)
	require.Equal(t, "ada", s.Subject())
	require.Len(t, s.Data.Items, 2)
	require.NoError(t, s.End(t.Context()))
	require.Zero(t, rowsOf(t, d, options))
}

// testRestart kills the server: what was acknowledged is there, and the same handle works on.
func testRestart(t *testing.T, d database) {
	if d.server == nil {
		return
	}
	s := d.open(t, d.table(t))
	require.NoError(t, s.Create(t.Context(), "a", row(1, "a"), soon()))
	d.server.Kill()
	require.Error(t, s.Replace(t.Context(), "a", row(2, "nobody knows"), soon()))
	_, err := s.Get(t.Context(), "a")
	require.Error(t, err, "and not the answer that there is none")
	d.server.Start()
	got, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, row(1, "a"), got)
	require.NoError(t, s.Replace(t.Context(), "a", row(2, "b"), soon()))
}
