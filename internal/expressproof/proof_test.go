//go:build unix

package expressproof_test

import (
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/internal/expressproof"
	"github.com/sealjar/sealjar/internal/testserver"
)

const crowd = 200

// before is an Express application with users who are signed in.
type before struct {
	server   *testserver.Server
	rows     expressbridge.Rows
	alive    func(*testing.T, time.Time) int // how many rows are
	clear    func(*testing.T)                // removes all rows
	url      string
	stopNode func()
	users    []*user
}

func onMariaDB(t *testing.T) (*before, *sql.DB) {
	t.Helper()
	server, dsn := testserver.MariaDB(t, "--innodb-flush-log-at-trx-commit=2")
	host, port, err := net.SplitHostPort(server.Addr)
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	db := open(t, "mysql", dsn)
	db.SetMaxOpenConns(16)
	b := &before{server: server, clear: func(t *testing.T) { exec(t, db, "DELETE FROM sessions") }}
	b.rows, err = expressbridge.MySQL(db, expressbridge.Table{})
	require.NoError(t, err)
	b.alive = func(t *testing.T, at time.Time) (n int) {
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM sessions WHERE expires > ?", at.Unix()).Scan(&n))
		return n
	}
	b.url, b.stopNode = expressproof.StartNode(t, expressproof.Setup{
		MySQL: &expressproof.Address{Host: host, Port: number}, Secrets: secrets, MaxAge: (2 * time.Hour).Milliseconds(),
	})
	t.Cleanup(transport.CloseIdleConnections)
	return b, db
}

// signIn signs new users in at Express, where they look at three pages.
func (b *before) signIn(t *testing.T, name string, n int) {
	t.Helper()
	b.users = nil
	for i := range n {
		b.users = append(b.users, newUser(fmt.Sprintf("%s-%d", name, i)))
	}
	each(t, b.users, func(u *user) error {
		if _, err := u.ask(http.MethodPost, b.url+"/signin?user="+url.QueryEscape(u.name)); err != nil {
			return err
		}
		for range 3 {
			if _, err := u.me(b.url); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeOver lets all users open a page with four requests at the same time, as browsers do.
func takeOver(t *testing.T, users []*user, goURL string) {
	t.Helper()
	each(t, users, func(u *user) error {
		var all sync.WaitGroup
		var answers [4]answer
		var errs [4]error
		for i := range answers {
			all.Go(func() { answers[i], errs[i] = u.me(goURL) })
		}
		all.Wait()
		for i, a := range answers {
			switch {
			case errs[i] != nil:
				return errs[i]
			case a.ID != answers[0].ID:
				return fmt.Errorf("%s has two sessions: %s and %s", u.name, answers[0].ID, a.ID)
			case a.Views < 4 || a.Views > 7 || !strings.HasPrefix(a.Note, "é ☃ 🍪"):
				return fmt.Errorf("%s has lost something: %+v", u.name, a)
			}
		}
		a, err := u.me(goURL)
		if err == nil && a.ID != answers[0].ID {
			err = fmt.Errorf("%s has another session after the first response", u.name)
		}
		return err
	})
}

func refused(t *testing.T, u *user, url, status string) {
	t.Helper()
	_, err := u.me(url)
	require.ErrorContains(t, err, status)
}

func TestMovingFromExpress(t *testing.T) {
	b, db := onMariaDB(t)
	t.Run("tables", func(t *testing.T) { testMariaDBTables(t, db, b.server.Addr) })
	t.Run("the move", b.testMove)
}

func (b *before) testMove(t *testing.T) {
	t.Run("side by side", b.testSideBySide)
	t.Run("undo", b.testUndo)
	t.Run("cut over", b.testCutOver)
	t.Run("then the database goes", b.testOutage)
}

// Everybody goes from Express to Go at one moment, under load, and nobody is signed out.
func (b *before) testCutOver(t *testing.T) {
	for _, framework := range []string{"net/http", "Echo"} {
		t.Run(framework, func(t *testing.T) {
			b.clear(t)
			b.signIn(t, "dated-"+framework, crowd)
			site := newSite(t, b.rows, framework)
			site.serve(func(o *expressbridge.Options[data]) { o.Grace = time.Hour }) // which no machine is too slow for
			takeOver(t, b.users, site.url)

			u := b.users[0]
			_, err := u.ask(http.MethodPost, site.url+"/signout")
			require.NoError(t, err)
			require.Equal(t, crowd-1, b.alive(t, time.Now()), "the row goes although it was dying")
			refused(t, u, site.url, "401")
			refused(t, u, b.url, "401")

			site.clock.pass(time.Hour + time.Minute) // and not the 2 hours after which Express itself lets them die
			require.Zero(t, b.alive(t, site.clock.Now()), "after grace every row is dead")
		})
	}
}

func (b *before) testOutage(t *testing.T) {
	b.clear(t)
	b.signIn(t, "late", crowd/4)
	site := newSite(t, b.rows, "net/http")
	site.serve(func(*expressbridge.Options[data]) {})
	came, left := b.users[1:], b.users[0]
	takeOver(t, came, site.url)
	b.stopNode()
	b.server.Kill()
	for range 4 {
		site.clock.pass(20 * time.Minute)
		each(t, came, func(u *user) error { _, err := u.me(site.url); return err })
	}
	site.clock.ahead.Store(0)
	refused(t, left, site.url, "503")
	site.serve(func(o *expressbridge.Options[data]) { o.OnFailure = expressbridge.Anonymous })
	refused(t, left, site.url, "401")
	b.server.Start()
	_, err := left.me(site.url)
	require.NoError(t, err, "an outage signs nobody out")
}

// Express and Go serve the same users for a while; then Go alone does.
func (b *before) testSideBySide(t *testing.T) {
	for _, framework := range []string{"net/http", "Echo"} {
		t.Run(framework, func(t *testing.T) {
			b.clear(t)
			b.signIn(t, framework, crowd)
			site := newSite(t, b.rows, framework)
			keep := func(o *expressbridge.Options[data]) { o.Mode = expressbridge.SideBySide }
			site.serve(keep)
			takeOver(t, b.users, site.url)
			for range 2 { // back and forth
				site.clock.pass(8 * time.Minute)
				each(t, b.users, func(u *user) error {
					if _, err := u.me(b.url); err != nil {
						return err
					}
					_, err := u.me(site.url)
					return err
				})
			}

			here, there := b.users[0], b.users[1]
			_, err := here.ask(http.MethodPost, site.url+"/signout")
			require.NoError(t, err)
			refused(t, here, b.url, "401")
			refused(t, here, site.url, "401")
			_, err = there.ask(http.MethodPost, b.url+"/signout")
			require.NoError(t, err)
			site.clock.pass(8 * time.Minute)
			refused(t, there, site.url, "401")
			for _, u := range []*user{here, there} { // and come back
				_, err = u.ask(http.MethodPost, b.url+"/signin?user="+url.QueryEscape(u.name))
				require.NoError(t, err)
				_, err = u.me(site.url)
				require.NoError(t, err)
			}

			site.serve(func(*expressbridge.Options[data]) {}) // Go alone
			for range 3 {
				site.clock.pass(10 * time.Minute)
				each(t, b.users, func(u *user) error { _, err := u.me(site.url); return err })
			}
			require.Zero(t, b.alive(t, site.clock.Now()))
			b.clear(t)
			each(t, b.users, func(u *user) error { _, err := u.me(site.url); return err })
		})
	}
}

// A rollout is undone: who has signed in at Go meanwhile is signed in at Express.
func (b *before) testUndo(t *testing.T) {
	b.users = nil
	site := newSite(t, b.rows, "net/http")
	site.serve(func(o *expressbridge.Options[data]) {
		o.Mode, o.Cookie.MaxAge = expressbridge.SideBySide, 2*time.Hour
		o.Back = func(subject string, d data) (map[string]any, error) {
			return map[string]any{"user": map[string]any{"name": subject, "note": d.Note}, "views": d.Views}, nil
		}
	})
	for i := range 20 {
		b.users = append(b.users, newUser(fmt.Sprintf("new-%d", i)))
	}
	each(t, b.users, func(u *user) error {
		_, err := u.ask(http.MethodPost, site.url+"/signin?user="+u.name)
		for range 3 {
			if err == nil {
				_, err = u.me(site.url)
			}
		}
		return err
	})
	each(t, b.users[1:], func(u *user) error {
		a, err := u.me(b.url)
		if err == nil && a.Views != 4 {
			err = fmt.Errorf("%s has seen 3 pages at Go, and Express says that this one is %d", u.name, a.Views)
		}
		return err
	})
	_, err := b.users[1].ask(http.MethodPost, b.url+"/signout")
	require.NoError(t, err)
	site.clock.pass(8 * time.Minute)
	refused(t, b.users[1], site.url, "401")
	site.stop()
	each(t, b.users[2:], func(u *user) error { _, err := u.me(b.url); return err })
}
