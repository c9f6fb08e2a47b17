//go:build unix

package expressproof_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/internal/testserver"
)

// Two users must not become one because the character set of a connection has neither's name.
func TestCharacterSetsOfConnectionsDoNotMatter(t *testing.T) {
	_, dsn := testserver.MariaDB(t, "--innodb-flush-log-at-trx-commit=2")
	node, ctx := open(t, "mysql", dsn), context.Background() // Node.js uses utf8mb4
	text := []string{`{"user": "🍪"}`, `{"user": "🦊"}`, `{"user": "zoë ☃"}`}
	for column, of := range map[string]struct {
		kind string
		text []string
	}{
		"as express-mysql-session makes it": {"mediumtext COLLATE utf8mb4_bin", text},
		"json":                              {"json", text},
		"blob":                              {"blob", text},
		"utf16":                             {"text CHARACTER SET utf16", text},
		"latin1":                            {"text CHARACTER SET latin1", []string{`{"user": "zoë"}`, `{"user": "zoé"}`}},
	} {
		exec(t, node, "DROP TABLE IF EXISTS `sessions`",
			"CREATE TABLE `sessions` (`session_id` varchar(128) COLLATE utf8mb4_bin PRIMARY KEY, `expires` int unsigned NOT NULL, `data` "+of.kind+")")
		for _, options := range []string{
			"", "?charset=utf8&parseTime=True&loc=Local", "?charset=latin1", "?charset=utf8mb4", "?charset=latin1&interpolateParams=true",
		} {
			t.Run(column+options, func(t *testing.T) {
				rows, err := expressbridge.MySQL(open(t, "mysql", dsn+options), expressbridge.Table{})
				require.NoError(t, err)
				for _, want := range of.text {
					_, err := node.Exec("REPLACE INTO `sessions` VALUES ('node', 1800000000, ?)", want)
					require.NoError(t, err)
					data, _, err := rows.Get(ctx, "node", 100)
					require.NoError(t, err)
					require.Equal(t, want, string(data))
					for limit := range want {
						data, _, err = rows.Get(ctx, "node", limit)
						require.NoError(t, err)
						require.Equal(t, want[:limit+1], string(data), "the limit counts bytes")
					}
				}
				at := time.Unix(1800000000, 0)
				exec(t, node, "DELETE FROM `sessions`")
				require.NoError(t, rows.Insert(ctx, "here", []byte(`{}`), at))
				written := func(want string) {
					t.Helper()
					var data string
					require.NoError(t, node.QueryRow("SELECT `data` FROM `sessions` WHERE `session_id` = 'here'").Scan(&data))
					require.JSONEq(t, want, data)
				}
				for _, want := range text { // also into columns that don't have the characters
					require.NoError(t, rows.Update(ctx, "here", []byte(want), at))
					written(want)
					require.NoError(t, rows.Delete(ctx, "here"))
					require.NoError(t, rows.Insert(ctx, "here", []byte(want), at))
					written(want)
				}
			})
		}
	}
}
