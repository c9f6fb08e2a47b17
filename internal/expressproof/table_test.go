//go:build unix

package expressproof_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
)

// The table of express-mysql-session as it makes it, and as others make it by hand, in MariaDB.
func testMariaDBTables(t *testing.T, test *sql.DB, addr string) {
	exec(t, test, "CREATE DATABASE tables")
	db := open(t, "mysql", "root@tcp("+addr+")/tables")
	for name, columns := range map[string]string{
		"as express-mysql-session makes it": "`session_id` varchar(128) COLLATE utf8mb4_bin NOT NULL, `expires` int(11) unsigned NOT NULL, " +
			"`data` mediumtext COLLATE utf8mb4_bin, PRIMARY KEY (`session_id`)",
		"with a collation that takes A for a": "`session_id` varchar(128) COLLATE utf8mb4_general_ci NOT NULL, `expires` bigint NOT NULL, " +
			"`data` text, PRIMARY KEY (`session_id`)",
		"of latin1":  "`session_id` char(128) CHARACTER SET latin1 NOT NULL, `expires` int unsigned NOT NULL, `data` longtext, PRIMARY KEY (`session_id`)",
		"with JSON":  "`session_id` varchar(255) NOT NULL, `expires` int unsigned NOT NULL, `data` json, PRIMARY KEY (`session_id`)",
		"with blobs": "`session_id` varbinary(128) NOT NULL, `expires` int unsigned NOT NULL, `data` mediumblob, PRIMARY KEY (`session_id`)",
		"of ucs2": "`session_id` varchar(128) CHARACTER SET ucs2 NOT NULL, `expires` int unsigned NOT NULL, " +
			"`data` mediumtext CHARACTER SET ucs2, PRIMARY KEY (`session_id`)",
		"without key": "`session_id` varchar(128) COLLATE utf8mb4_general_ci NOT NULL, `expires` int unsigned NOT NULL, `data` mediumtext",
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, db, "DROP TABLE IF EXISTS `sessions`", "CREATE TABLE `sessions` ("+columns+")")
			rows, err := expressbridge.MySQL(db, expressbridge.Table{})
			require.NoError(t, err)
			obeys(t, rows)
		})
	}
	t.Run("with names of its own", func(t *testing.T) {
		exec(t, db, "CREATE DATABASE shop", "CREATE TABLE shop.`user-sessions` (`the-key` varchar(64) PRIMARY KEY, `from` bigint, `to` text)")
		rows, err := expressbridge.MySQL(db, expressbridge.Table{Name: "shop.user-sessions", ID: "the-key", Expires: "from", Data: "to"})
		require.NoError(t, err)
		obeys(t, rows)
	})
	t.Run("data without a value is empty", func(t *testing.T) {
		exec(t, db, "INSERT INTO shop.`user-sessions` VALUES ('empty', 1, NULL)")
		rows, err := expressbridge.MySQL(db, expressbridge.Table{Name: "shop.user-sessions", ID: "the-key", Expires: "from", Data: "to"})
		require.NoError(t, err)
		data, _, err := rows.Get(context.Background(), "empty", 100)
		require.NoError(t, err)
		require.Empty(t, data)
	})
	t.Run("no such table", func(t *testing.T) {
		rows, err := expressbridge.MySQL(db, expressbridge.Table{Name: "nothing"})
		require.NoError(t, err)
		_, _, err = rows.Get(context.Background(), "a", 100)
		require.Error(t, err)
		require.NotErrorIs(t, err, expressbridge.ErrNoRow)
	})
}

func testPostgreSQLTables(t *testing.T, url string) {
	db := open(t, "pgx", url)
	exec(t, db, `CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
	for name, columns := range map[string]string{
		"as connect-pg-simple makes it": `"sid" varchar NOT NULL COLLATE "default" PRIMARY KEY, "sess" json NOT NULL, "expire" timestamp(6) NOT NULL`,
		"with jsonb and time zone":      `"sid" varchar PRIMARY KEY, "sess" jsonb NOT NULL, "expire" timestamptz NOT NULL`,
		"with text":                     `"sid" text, "sess" text, "expire" timestamp`,
		"with a fixed length":           `"sid" char(40) PRIMARY KEY, "sess" json NOT NULL, "expire" timestamp(6) NOT NULL`,
		"that takes A for a":            `"sid" varchar COLLATE nocase PRIMARY KEY, "sess" json NOT NULL, "expire" timestamp(6) NOT NULL`,
	} {
		t.Run(name, func(t *testing.T) {
			// Drivers keep the plan of a statement, which a table of another kind does not obey.
			name := "session-" + strings.ReplaceAll(name, " ", "_")
			exec(t, db, `CREATE TABLE "`+name+`" (`+columns+`)`)
			rows, err := expressbridge.PostgreSQL(db, expressbridge.Table{Name: name})
			require.NoError(t, err)
			obeys(t, rows)
		})
	}
	t.Run("with ids of the type uuid", func(t *testing.T) {
		exec(t, db, `CREATE TABLE "session_uuid" ("sid" uuid PRIMARY KEY, "sess" json, "expire" timestamp(6))`)
		rows, err := expressbridge.PostgreSQL(db, expressbridge.Table{Name: "session_uuid"})
		require.NoError(t, err)
		const id = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
		ctx, at := context.Background(), time.Unix(1800000000, 0)
		require.NoError(t, rows.Insert(ctx, id, []byte(`{}`), at))
		require.NoError(t, rows.Update(ctx, strings.ToUpper(id), []byte(`{"n": 1}`), at))
		require.NoError(t, rows.Delete(ctx, strings.ToUpper(id)))
		require.NoError(t, rows.Update(ctx, id, nil, at.Add(time.Hour)))
		data, expires, err := rows.Get(ctx, id, 100)
		require.NoError(t, err)
		require.Equal(t, "{}", string(data))
		require.Equal(t, at.Add(time.Hour).Unix(), expires.Unix())
		require.NoError(t, rows.Delete(ctx, id))
		_, _, err = rows.Get(ctx, id, 100)
		require.ErrorIs(t, err, expressbridge.ErrNoRow)
	})
	t.Run("in another time zone", func(t *testing.T) {
		away := open(t, "pgx", url+"&timezone=Asia/Kathmandu")
		exec(t, away, `CREATE TABLE "session_far" ("sid" varchar, "sess" json, "expire" timestamp(6))`,
			`INSERT INTO "session_far" (sess, expire, sid) SELECT '{}', to_timestamp(1800000000.7), 'a'`) // as connect-pg-simple does
		rows, err := expressbridge.PostgreSQL(away, expressbridge.Table{Name: "session_far"})
		require.NoError(t, err)
		_, expires, err := rows.Get(context.Background(), "a", 100)
		require.NoError(t, err)
		require.EqualValues(t, 1800000000, expires.Unix())
		obeys(t, rows)
	})
}

// obeys wants of rows what the contract says, and that no id is taken for another.
func obeys(t *testing.T, rows expressbridge.Rows) {
	t.Helper()
	ctx := context.Background()
	get := func(sid string) (string, int64) {
		data, expires, err := rows.Get(ctx, sid, 1000)
		if err != nil {
			require.ErrorIs(t, err, expressbridge.ErrNoRow)
			return "", 0
		}
		return string(data), expires.Unix()
	}
	first, later := time.Unix(1800000000, 0), time.Unix(1800003600, 0)
	require.NoError(t, rows.Insert(ctx, "Ab", []byte(`{"n": "é"}`), first))

	for _, other := range []string{"ab", "AB", "Ab ", " Ab", "Áb", "A", "Abc", "A_", "%", ""} {
		data, _ := get(other)
		require.Empty(t, data, "%q", other)
		require.NoError(t, rows.Update(ctx, other, nil, later))
		require.NoError(t, rows.Update(ctx, other, []byte(`{"n": 2}`), later))
		require.NoError(t, rows.Delete(ctx, other))
	}
	data, expires := get("Ab")
	require.JSONEq(t, `{"n": "é"}`, data)
	require.Equal(t, first.Unix(), expires)

	require.NoError(t, rows.Update(ctx, "Ab", nil, later))
	data, expires = get("Ab")
	require.JSONEq(t, `{"n": "é"}`, data)
	require.Equal(t, later.Unix(), expires)
	require.NoError(t, rows.Update(ctx, "Ab", []byte(`{"n": 2}`), first))
	data, expires = get("Ab")
	require.JSONEq(t, `{"n": 2}`, data)
	require.Equal(t, first.Unix(), expires)

	large := `{"n": "` + strings.Repeat("x", 2000) + `"}`
	require.NoError(t, rows.Update(ctx, "Ab", []byte(large), first))
	text, _, err := rows.Get(ctx, "Ab", 1000)
	require.NoError(t, err)
	require.Len(t, text, 1001, "of what is too large no more is read than shows it")

	require.NoError(t, rows.Delete(ctx, "Ab"))
	data, _ = get("Ab")
	require.Empty(t, data)

	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err = rows.Get(gone, "Ab", 1000)
	require.ErrorIs(t, err, context.Canceled)
}
