package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/sqlite"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/sqlstore"
)

func entry(name string) revocation.Entry {
	now := time.UnixMilli(time.Now().UnixMilli())
	return revocation.Entry{Kind: revocation.Session, Name: name, Cutoff: now, Until: now.Add(time.Hour), Reason: "test"}
}

// read returns the names that come after a cursor, and the next one.
func read(t testing.TB, s *sqlstore.Store, after revocation.Cursor) ([]string, revocation.Cursor) {
	t.Helper()
	var names []string
	next, err := s.Read(t.Context(), after, func(entries []revocation.Entry) error {
		for _, e := range entries {
			names = append(names, e.Name)
		}
		return nil
	})
	require.NoError(t, err)
	return names, next
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
		"a table in capitals": {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "Revocations"}, "Options.Table"},
		"a table of a digit":  {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "1a"}, "Options.Table"},
		"a long table":        {sqlstore.Options{Dialect: sqlstore.SQLite, Table: strings.Repeat("a", 49)}, "Options.Table"},
		"polling too fast":    {sqlstore.Options{Dialect: sqlstore.SQLite, Poll: 1}, "Options.Poll"},
		"polling too slowly":  {sqlstore.Options{Dialect: sqlstore.SQLite, Poll: time.Hour}, "Options.Poll"},
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
	require.ErrorContains(t, err, "table sealjar_revocations can't be read (CreateTable or `sealjar revocations init` makes it)")
}

// TestOnRealDatabases does it all on one server of each kind.
func TestOnRealDatabases(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		testTableIsMadeOnce(t, d)
		testDurability(t, d, d.table(t))
		testLostRows(t, d)
		testStrangeRow(t, d)
		testRestart(t, d)
		if d.dialect == sqlstore.MySQL {
			testReadOnly(t, d)
			testManyGaps(t, d)
			testOldGaps(t, d)
		}
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
	require.NoError(t, s.Add(t.Context(), entry("a")))
	require.NoError(t, sqlstore.CreateTable(t.Context(), d.connect(t), options))
	names, _ := read(t, s, "")
	require.Equal(t, []string{"a"}, names)

	// What Schema says is what CreateTable does.
	schema, err := sqlstore.Schema(sqlstore.Options{Dialect: d.dialect, Table: "by_hand"})
	require.NoError(t, err)
	for _, statement := range strings.Split(strings.TrimSpace(schema), ";\n") {
		exec(t, d.connect(t), strings.TrimSuffix(statement, ";"))
	}
	d.open(t, sqlstore.Options{Dialect: d.dialect, Table: "by_hand"})
}

// testDurability weakens the database and expects Open to say so.
func testDurability(t *testing.T, d database, options sqlstore.Options) {
	weak, setting := d, ""
	switch d.dialect {
	case sqlstore.MySQL:
		exec(t, d.connect(t), "SET GLOBAL innodb_flush_log_at_trx_commit = 2")
		defer exec(t, d.connect(t), "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
		setting = "innodb_flush_log_at_trx_commit = 2"
	case sqlstore.PostgreSQL:
		weak.connect = opener("pgx", d.url+"&synchronous_commit=off")
		setting = "synchronous_commit,fsync = off,on"
	case sqlstore.SQLite:
		file := t.TempDir() + "/weak.db"
		weak.connect = opener("sqlite", "file:"+file+"?_pragma=synchronous(NORMAL)&_pragma=busy_timeout(20000)")
		require.NoError(t, sqlstore.CreateTable(t.Context(), weak.connect(t), options))
		setting = "synchronous = 1"
	}
	_, err := sqlstore.Open(t.Context(), weak.connect(t), options)
	require.ErrorContains(t, err, "with "+setting+" a crash makes the database forget")
	if d.dialect == sqlstore.SQLite {
		require.ErrorContains(t, err, "acknowledged: set synchronous(FULL), "+sqlite.Remedy)
	}
	options.InsecureDurability = true
	_, err = sqlstore.Open(t.Context(), weak.connect(t), options)
	require.NoError(t, err)
}

// testLostRows takes away what a reader has seen last, as a restore from a backup does, and lets others go on writing.
func testLostRows(t *testing.T, d database) {
	options := d.table(t)
	s, db := d.open(t, options), d.connect(t)
	require.NoError(t, s.Add(t.Context(), entry("kept")))
	require.NoError(t, s.Add(t.Context(), entry("lost")))
	_, cursor := read(t, s, "")
	exec(t, db, "DELETE FROM "+options.Table+" WHERE seq = 2")
	for i := range 3 {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint("new", i))))
	}
	_, err := s.Read(t.Context(), cursor, func([]revocation.Entry) error { return nil })
	require.ErrorIs(t, err, revocation.ErrCursor)

	// The same number in another row.
	_, cursor = read(t, s, "")
	exec(t, db, "UPDATE "+options.Table+" SET tag = tag + 1")
	_, err = s.Read(t.Context(), cursor, func([]revocation.Entry) error { return nil })
	require.ErrorIs(t, err, revocation.ErrCursor)
}

// testStrangeRow has a row in the table that no Add would have written. It must not be skipped in silence: it may be an
// entry of a newer version.
func testStrangeRow(t *testing.T, d database) {
	options := d.table(t)
	s := d.open(t, options)
	require.NoError(t, s.Add(t.Context(), entry("a")))
	exec(t, d.connect(t), "UPDATE "+options.Table+" SET kind = 'planet'")
	_, err := s.Read(t.Context(), "", func([]revocation.Entry) error { return nil })
	require.ErrorContains(t, err, "a row of the table: revocation: an entry has an unknown kind")
}

// testRestart kills the server: what was acknowledged is there, and the same handle works on.
func testRestart(t *testing.T, d database) {
	if d.server == nil {
		return
	}
	options := d.table(t)
	s := d.open(t, options)
	for i := range 20 {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint(i))))
	}
	_, cursor := read(t, s, "")
	d.server.Kill()
	require.Error(t, s.Add(t.Context(), entry("nobody knows")))
	d.server.Start()
	require.NoError(t, s.Add(t.Context(), entry("after")))
	names, _ := read(t, s, "")
	require.Subset(t, names, []string{"0", "19", "after"})
	names, _ = read(t, s, cursor)
	require.Contains(t, names, "after")
}

// testReadOnly turns the server into one to which nobody may write, as replicas are.
func testReadOnly(t *testing.T, d database) {
	s, admin := d.open(t, d.table(t)), d.connect(t)
	require.NoError(t, s.Add(t.Context(), entry("a")))
	_, cursor := read(t, s, "")
	exec(t, admin, "SET GLOBAL read_only = ON")
	for _, c := range []revocation.Cursor{"", cursor} {
		_, err := s.Read(t.Context(), c, func([]revocation.Entry) error { return nil })
		require.ErrorContains(t, err, "read-only")
		require.NotErrorIs(t, err, revocation.ErrCursor)
	}
	exec(t, admin, "SET GLOBAL read_only = OFF")
	_, cursor = read(t, s, cursor)
	require.NotEmpty(t, cursor)
}

// testManyGaps has a server that gives out every hundredth number, as in a cluster of many writers: the cursor stays where the
// numbers begin to be too many, and loses nothing.
func testManyGaps(t *testing.T, d database) {
	options := d.table(t)
	d.connect = opener("mysql", "root@tcp("+d.server.Addr+")/test?auto_increment_increment=100&auto_increment_offset=7")
	s := d.open(t, options)
	const rows = sqlstore.MaxGaps/100 + 20
	for i := range rows {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint(i))))
	}
	names, cursor := read(t, s, "")
	require.Len(t, names, rows)
	require.LessOrEqual(t, sqlstore.Gaps(cursor), sqlstore.MaxGaps)
	require.Greater(t, sqlstore.Gaps(cursor), sqlstore.MaxGaps-200)
	again, cursor := read(t, s, cursor)
	require.Less(t, len(again), 30, "only those beyond the limit come again")
	require.Contains(t, again, fmt.Sprint(rows-1))

	require.NoError(t, s.Add(t.Context(), entry("next")))
	names, _ = read(t, s, cursor)
	require.Contains(t, names, "next")
}

// testOldGaps has gaps below rows that were made long ago, which swept rows have left.
func testOldGaps(t *testing.T, d database) {
	options := d.table(t)
	s, db := d.open(t, options), d.connect(t)
	for i := range 10 {
		require.NoError(t, s.Add(t.Context(), entry(fmt.Sprint(i))))
	}
	exec(t, db, "DELETE FROM "+options.Table+" WHERE seq IN (1, 2, 5)")
	_, cursor := read(t, s, "")
	require.Equal(t, 3, sqlstore.Gaps(cursor), "their numbers may be those of slow rows")
	exec(t, db, fmt.Sprintf("UPDATE %s SET made = made - %d", options.Table, sqlstore.GapLife))
	_, cursor = read(t, s, "")
	require.Zero(t, sqlstore.Gaps(cursor))
}

func TestWaitPolls(t *testing.T) {
	d := sqliteAt(t)
	options := d.table(t)
	options.Poll = time.Millisecond
	hints := 0
	options.Hint = func(ctx context.Context) error {
		hints++
		if hints == 1 {
			return nil // there is something
		}
		<-ctx.Done()
		return ctx.Err()
	}
	s := d.open(t, options)
	require.NoError(t, s.Wait(t.Context(), ""))
	require.NoError(t, s.Wait(t.Context(), ""))
	require.Equal(t, 2, hints)
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "1/2/3/0000001/", "1/2/0//5@6,7@8", "//////", "9223372036854775808/1/1//", "1/1/1//1@"} {
		f.Add(seed)
	}
	d := sqliteAt(f)
	s := d.open(f, d.table(f))
	require.NoError(f, s.Add(f.Context(), entry("a")))
	_, good := read(f, s, "")
	f.Add(string(good))
	f.Fuzz(func(t *testing.T, text string) {
		next, err := s.Read(t.Context(), revocation.Cursor(text), func([]revocation.Entry) error { return nil })
		if err != nil {
			require.ErrorIs(t, err, revocation.ErrCursor)
			return
		}
		_, err = s.Read(t.Context(), next, func([]revocation.Entry) error { return nil })
		require.NoError(t, err)
	})
}
