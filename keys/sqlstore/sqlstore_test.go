package sqlstore_test

import (
	"bytes"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/keys/keystest"
	"github.com/sealjar/sealjar/keys/sqlstore"
)

func TestConformance(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		keystest.Run(t, func(t *testing.T) func() keys.Store {
			options := d.table(t)
			return func() keys.Store { return d.open(t, options) }
		})
	})
}

func document(version int64, text string) keys.Document {
	return keys.Document{Version: version, Data: []byte(text)}
}

func TestOptionsRefused(t *testing.T) {
	db := sqliteAt(t).connect(t)
	for name, test := range map[string]struct {
		options sqlstore.Options
		says    string
	}{
		"no dialect":          {sqlstore.Options{}, "Options.Dialect"},
		"unknown dialect":     {sqlstore.Options{Dialect: "oracle"}, "Options.Dialect"},
		"a table with quotes": {sqlstore.Options{Dialect: sqlstore.SQLite, Table: `a"; DROP TABLE b; --`}, "Options.Table"},
		"a table in capitals": {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "Keys"}, "Options.Table"},
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
	_, err = sqlstore.Open(t.Context(), db, sqlstore.Options{Dialect: sqlstore.SQLite})
	require.ErrorContains(t, err, "table sealjar_keys can't be read (CreateTable makes it)")
}

// TestOnRealDatabases does it all on one server of each kind.
func TestOnRealDatabases(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		testTableIsMadeOnce(t, d)
		testDurability(t, d)
		testLostRow(t, d)
		testSizes(t, d)
		testErrorsTellNothing(t, d)
		testFoundRows(t, d)
		testRestart(t, d)
	})
}

// testTableIsMadeOnce lets many nodes start at the same time.
func testTableIsMadeOnce(t *testing.T, d database) {
	options := sqlstore.Options{Dialect: d.dialect, Table: "made_once"}
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
	require.NoError(t, s.Swap(t.Context(), 0, document(1, "ring")))
	require.NoError(t, sqlstore.CreateTable(t.Context(), d.connect(t), options))
	doc, err := s.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, document(1, "ring"), doc, "at the next start the ring is still there")

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

// testLostRow empties the table. A node that takes that for a new store would make new keys and sign everybody out.
func testLostRow(t *testing.T, d database) {
	options := d.table(t)
	s := d.open(t, options)
	require.NoError(t, s.Swap(t.Context(), 0, document(1, "ring")))
	exec(t, d.connect(t), "DELETE FROM "+options.Table)
	_, err := s.Load(t.Context())
	require.ErrorContains(t, err, "table "+options.Table+" has lost its row")
	_, err = sqlstore.Open(t.Context(), d.connect(t), options)
	require.ErrorContains(t, err, "has lost its row")
	_, err = keys.NewRotator(t.Context(), keys.RotatorOptions{Store: s, Watch: quiet})
	require.ErrorContains(t, err, "has lost its row")
	require.ErrorIs(t, s.Swap(t.Context(), 0, document(2, "ring")), keys.ErrConflict)
}

func testSizes(t *testing.T, d database) {
	options := d.table(t)
	s := d.open(t, options)
	for name, next := range map[string]keys.Document{
		"an empty document": {Version: 2}, "a document of more than a key file": document(2, strings.Repeat("a", keys.MaxFileSize+1)),
		"version 0": document(0, "a"), "a version that JSON does not know": document(keys.MaxVersion+1, "a"),
	} {
		require.ErrorContains(t, s.Swap(t.Context(), 0, next), "sqlstore: ", name)
		doc, err := s.Load(t.Context())
		require.NoError(t, err, name)
		require.Zero(t, doc, name)
	}
	largest := document(1, strings.Repeat("a", keys.MaxFileSize))
	require.NoError(t, s.Swap(t.Context(), 0, largest))
	doc, err := s.Load(t.Context())
	require.NoError(t, err)
	require.True(t, bytes.Equal(largest.Data, doc.Data))
	require.ErrorContains(t, s.Swap(t.Context(), 1, document(1, "b")), "version 1 after version 1")

	// What somebody else has put there.
	more := map[sqlstore.Dialect]string{
		sqlstore.MySQL: "CONCAT(document, 'b')", sqlstore.PostgreSQL: "document || 'b'::bytea", sqlstore.SQLite: "CAST(document || 'b' AS BLOB)",
	}[d.dialect]
	exec(t, d.connect(t), "UPDATE "+options.Table+" SET document = "+more)
	_, err = s.Load(t.Context())
	require.ErrorContains(t, err, "has a ring of 1048577 bytes: at most 1048576")
}

// testErrorsTellNothing makes the database refuse a document. What it says of it must not be the document.
func testErrorsTellNothing(t *testing.T, d database) {
	options := d.table(t)
	s, db := d.open(t, options), d.connect(t)
	switch d.dialect {
	case sqlstore.MySQL:
		exec(t, db, "ALTER TABLE "+options.Table+" MODIFY document VARBINARY(5) NOT NULL")
	case sqlstore.PostgreSQL:
		exec(t, db, "ALTER TABLE "+options.Table+" ADD CHECK (length(document) < 5)")
	case sqlstore.SQLite:
		exec(t, db, "CREATE TRIGGER t BEFORE UPDATE ON "+options.Table+" BEGIN SELECT RAISE(ABORT, 'no'); END")
	}
	err := s.Swap(t.Context(), 0, document(1, "the-secret-of-all"))
	require.ErrorContains(t, err, "sqlstore: swap: ")
	require.NotContains(t, err.Error(), "secret")
	require.NotErrorIs(t, err, keys.ErrConflict)
}

// testFoundRows has a driver that counts the rows that it finds, and not those that it changes.
func testFoundRows(t *testing.T, d database) {
	if d.dialect != sqlstore.MySQL {
		return
	}
	options := d.table(t)
	d.connect = opener("mysql", d.url+"?clientFoundRows=true&interpolateParams=true")
	s := d.open(t, options)
	require.NoError(t, s.Swap(t.Context(), 0, document(1, "a")))
	require.ErrorIs(t, s.Swap(t.Context(), 0, document(2, "a")), keys.ErrConflict)
	require.NoError(t, s.Swap(t.Context(), 1, document(2, "a")))
}

// testRestart kills the server: what was acknowledged is there, and the same handle works on.
func testRestart(t *testing.T, d database) {
	if d.server == nil {
		return
	}
	s := d.open(t, d.table(t))
	require.NoError(t, s.Swap(t.Context(), 0, document(1, "a")))
	d.server.Kill()
	require.Error(t, s.Swap(t.Context(), 1, document(2, "nobody knows")))
	d.server.Start()
	doc, err := s.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, document(1, "a"), doc)
	require.NoError(t, s.Swap(t.Context(), 1, document(2, "b")))
}

var quiet = keys.Watch{Logger: slog.New(slog.DiscardHandler)}

// TestASealedRing : nodes rotate together over a table in which no key can be read.
func TestASealedRing(t *testing.T) {
	d := sqliteAt(t)
	options := d.table(t)
	sealer, err := keys.NewSealer("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189")
	require.NoError(t, err)
	first, err := keys.NewRotator(t.Context(), keys.RotatorOptions{Store: d.open(t, options), Sealer: sealer, Watch: quiet})
	require.NoError(t, err)
	second, err := keys.NewRotator(t.Context(), keys.RotatorOptions{Store: d.open(t, options), Sealer: sealer, Watch: quiet})
	require.NoError(t, err)
	require.Equal(t, first.Status().KeyIDs, second.Status().KeyIDs)
	doc, err := d.open(t, options).Load(t.Context())
	require.NoError(t, err)
	require.NotContains(t, string(doc.Data), first.Status().Sealing)
	require.NotContains(t, string(doc.Data), `"k"`)
}
