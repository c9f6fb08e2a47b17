//go:build unix

package expressproof_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/internal/expressproof"
	"github.com/sealjar/sealjar/internal/testserver"
)

// The same with connect-pg-simple on PostgreSQL.
func TestPostgreSQL(t *testing.T) {
	_, dsn := testserver.PostgreSQL(t, "fsync=off")
	t.Run("tables", func(t *testing.T) { testPostgreSQLTables(t, dsn) })
	b := &before{}
	t.Cleanup(transport.CloseIdleConnections)
	b.url, b.stopNode = expressproof.StartNode(t, expressproof.Setup{PostgreSQL: dsn, Secrets: secrets, MaxAge: (2 * time.Hour).Milliseconds()})
	b.signIn(t, "pg", 20)

	rows, err := expressbridge.PostgreSQL(open(t, "pgx", dsn), expressbridge.Table{})
	require.NoError(t, err)
	site := newSite(t, rows, "net/http")
	site.serve(func(o *expressbridge.Options[data]) {
		o.Mode, o.Cookie.MaxAge = expressbridge.SideBySide, 2*time.Hour
		o.Back = func(subject string, d data) (map[string]any, error) {
			return map[string]any{"user": map[string]any{"name": subject, "note": d.Note}, "views": d.Views}, nil
		}
	})
	takeOver(t, b.users, site.url)
	site.clock.pass(8 * time.Minute)
	each(t, b.users, func(u *user) error {
		if _, err := u.me(b.url); err != nil {
			return err
		}
		_, err := u.me(site.url)
		return err
	})
	here, there := b.users[0], b.users[1]
	_, err = here.ask(http.MethodPost, site.url+"/signout")
	require.NoError(t, err)
	refused(t, here, b.url, "401")
	_, err = there.ask(http.MethodPost, b.url+"/signout")
	require.NoError(t, err)
	site.clock.pass(8 * time.Minute)
	refused(t, there, site.url, "401")

	fresh := newUser("fresh") // and back
	_, err = fresh.ask(http.MethodPost, site.url+"/signin?user=fresh")
	require.NoError(t, err)
	a, err := fresh.me(b.url)
	require.NoError(t, err, fmt.Sprint(a))
}
