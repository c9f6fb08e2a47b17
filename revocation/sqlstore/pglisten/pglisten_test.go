package pglisten_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/testserver"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/sqlstore"
	"github.com/sealjar/sealjar/revocation/sqlstore/pglisten"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewRefused(t *testing.T) {
	_, err := pglisten.New("mysql://user:hunter2@host", "")
	require.ErrorContains(t, err, "pglisten: not a connection string")
	require.NotContains(t, err.Error(), "hunter2")
	_, err = pglisten.New("postgres://host/db", "a; DROP TABLE b")
	require.ErrorContains(t, err, "want lower case letters")
}

func TestListenerWakesAndComesBack(t *testing.T) {
	server, url := testserver.PostgreSQL(t)
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	listener, err := pglisten.New(url, "")
	require.NoError(t, err)
	defer listener.Close()
	options := sqlstore.Options{Dialect: sqlstore.PostgreSQL, Hint: listener.Wait, Poll: time.Minute}
	require.NoError(t, sqlstore.CreateTable(t.Context(), db, options))
	store, err := sqlstore.Open(t.Context(), db, options)
	require.NoError(t, err)

	tryAdd := func() error {
		now := time.Now()
		return store.Add(t.Context(), revocation.Entry{Kind: revocation.All, Cutoff: now, Until: now.Add(time.Hour)})
	}
	add := func() { require.NoError(t, tryAdd()) }
	// The poll of a minute is too long for this test: only notifications can end these.
	require.NoError(t, store.Wait(t.Context(), ""), "it has just connected")
	add()
	require.NoError(t, store.Wait(t.Context(), ""))

	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, store.Wait(short, ""), context.DeadlineExceeded)
	add()
	require.NoError(t, store.Wait(t.Context(), ""), "the end of an earlier wait has not broken the connection")

	server.Kill()
	short, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.Error(t, listener.Wait(short))
	require.Error(t, tryAdd())
	server.Start()
	require.Eventually(t, func() bool { return listener.Wait(t.Context()) == nil }, time.Minute, time.Millisecond, "it connects again")
	add()
	require.NoError(t, store.Wait(t.Context(), ""))
}
