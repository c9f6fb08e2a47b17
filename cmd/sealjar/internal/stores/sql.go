package stores

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers "sqlite"

	"github.com/sealjar/sealjar/revocation/sqlstore"
)

// openSQLite opens sqlite:PATH. The settings are those that make SQLite keep what it acknowledges.
func openSQLite(ctx context.Context, address string, o Options) (*Store, error) {
	path := strings.TrimPrefix(strings.TrimPrefix(address, "sqlite:"), "//")
	query := url.Values{"_pragma": {"busy_timeout(20000)", "synchronous(FULL)"}, "_txlock": {"immediate"}, "mode": {"rw"}}
	if o.Create {
		query.Set("mode", "rwc")
		query.Add("_pragma", "journal_mode(WAL)") // stays with the file
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("SQLite: %w", err)
	}
	return openSQL(ctx, db, sqlstore.SQLite, o)
}

// openPostgreSQL opens postgres://USER:PASSWORD@HOST/DATABASE, with the parameters of libpq.
func openPostgreSQL(ctx context.Context, address string, o Options) (*Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL of PostgreSQL", ErrURL)
	}
	return openSQL(ctx, stdlib.OpenDB(*config), sqlstore.PostgreSQL, o)
}

// openMySQL opens mysql://USER:PASSWORD@HOST:PORT/DATABASE, with the parameters of go-sql-driver/mysql.
func openMySQL(ctx context.Context, address string, o Options) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: not a URL of MySQL", ErrURL)
	}
	config, err := mysql.ParseDSN("tcp(" + u.Host + ")/?" + u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL of MySQL", ErrURL)
	}
	config.User, config.DBName = u.User.Username(), strings.TrimPrefix(u.Path, "/")
	config.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL of MySQL", ErrURL)
	}
	return openSQL(ctx, sql.OpenDB(connector), sqlstore.MySQL, o)
}

func openSQL(ctx context.Context, db *sql.DB, dialect sqlstore.Dialect, o Options) (*Store, error) {
	options := sqlstore.Options{Dialect: dialect, Table: o.Name, InsecureDurability: o.InsecureDurability, Now: o.Now}
	if o.Create {
		if err := sqlstore.CreateTable(ctx, db, options); err != nil {
			_ = db.Close()
			return nil, err
		}
	}
	store, err := sqlstore.Open(ctx, db, options)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return &Store{store, db.Close}, nil
}
