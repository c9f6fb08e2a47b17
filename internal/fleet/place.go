package fleet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql" // drivers of database/sql
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/natsstore"
	"github.com/sealjar/sealjar/revocation/redisstore"
	"github.com/sealjar/sealjar/revocation/sqlstore"
	"github.com/sealjar/sealjar/revocation/sqlstore/pglisten"
)

// Place is where a fleet keeps its revocations.
type Place struct {
	// Driver is redis, nats, mysql, postgresql or sqlite.
	Driver string
	// Address is the host and port of a server, or of several with commas between them, or the path of a file.
	Address string
	// Replicas is how many servers of NATS keep what is revoked; 0 means one.
	Replicas int
	// Poll is how often a database is asked; 0 means as often as usual.
	Poll time.Duration
	// Listen has PostgreSQL notify its nodes.
	Listen bool
}

// Open returns a handle on the place, ready for use, and what closes it.
func (p Place) Open(ctx context.Context) (store revocation.Store, closeStore func(), err error) {
	switch p.Driver {
	case "redis":
		client := redis.NewClient(&redis.Options{Addr: p.Address, ContextTimeoutEnabled: true})
		if store, err = redisstore.Open(ctx, client, redisstore.Options{}); err != nil {
			return nil, nil, errors.Join(err, client.Close())
		}
		return store, func() { _ = client.Close() }, nil
	case "nats":
		return p.openNATS(ctx)
	case "mysql":
		return p.openSQL(ctx, sqlstore.MySQL)
	case "postgresql":
		return p.openSQL(ctx, sqlstore.PostgreSQL)
	case "sqlite":
		return p.openSQL(ctx, sqlstore.SQLite)
	}
	return nil, nil, fmt.Errorf("fleet: no driver %q", p.Driver)
}

func (p Place) openNATS(ctx context.Context) (revocation.Store, func(), error) {
	conn, err := nats.Connect("nats://"+strings.ReplaceAll(p.Address, ",", ",nats://"), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.Timeout(time.Minute))
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(conn)
	if err == nil {
		var store *natsstore.Store
		if store, err = natsstore.Open(ctx, js, natsstore.Options{Replicas: max(p.Replicas, 1), CreateStream: true}); err == nil {
			return store, func() { _ = store.Close(); conn.Close() }, nil
		}
	}
	conn.Close()
	return nil, nil, err
}

// DB connects to the place's database, if it is one.
func (p Place) DB() (*sql.DB, error) {
	switch p.Driver {
	case "mysql":
		return sql.Open("mysql", "root@tcp("+p.Address+")/test")
	case "postgresql":
		return sql.Open("pgx", p.postgreSQL())
	case "sqlite":
		query := url.Values{"_pragma": {"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
		return sql.Open("sqlite", "file:"+p.Address+"?"+query.Encode())
	}
	return nil, fmt.Errorf("fleet: %q is no database", p.Driver)
}

func (p Place) postgreSQL() string {
	return "postgres://postgres@" + p.Address + "/postgres?sslmode=disable"
}

func (p Place) openSQL(ctx context.Context, dialect sqlstore.Dialect) (revocation.Store, func(), error) {
	db, err := p.DB()
	if err != nil {
		return nil, nil, err
	}
	// A crowd of connections that wait for one disk gains nothing, and servers have a limit.
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	closeAll := func() { _ = db.Close() }
	options := sqlstore.Options{Dialect: dialect, Poll: p.Poll}
	if p.Listen {
		listener, err := pglisten.New(p.postgreSQL(), "")
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		options.Hint = listener.Wait
		closeAll = func() { listener.Close(); _ = db.Close() }
	}
	err = sqlstore.CreateTable(ctx, db, options)
	if err == nil {
		var store *sqlstore.Store
		if store, err = sqlstore.Open(ctx, db, options); err == nil {
			return store, closeAll, nil
		}
	}
	closeAll()
	return nil, nil, err
}
