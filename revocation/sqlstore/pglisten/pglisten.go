// Package pglisten wakes a PostgreSQL store by LISTEN, so that a revocation reaches other nodes in about a millisecond.
package pglisten

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listener holds one connection to PostgreSQL. Its Wait is made for sqlstore.Options.Hint. It is safe for concurrent use; one
// caller waits at a time.
type Listener struct {
	config *pgx.ConnConfig
	table  string
	turn   chan struct{}
	conn   *pgx.Conn
}

// New checks the URL or connection string and the store's table, of which empty means the usual one. It does not connect. The
// connection must reach the server itself, or a pooler in session mode: LISTEN belongs to a session.
func New(url, table string) (*Listener, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("pglisten: not a connection string for PostgreSQL") // its text may hold a password
	}
	if table == "" {
		table = "sealjar_revocations"
	}
	if strings.Trim(table, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return nil, fmt.Errorf("pglisten: the table is %q: want lower case letters, digits and underscores", table)
	}
	return &Listener{config: config, table: table, turn: make(chan struct{}, 1)}, nil
}

// Wait blocks until a revocation was added, or may have been: it also returns nil when it has just connected, since nobody knows
// what went by before. It returns an error when ctx ends or when the server can't be reached.
func (l *Listener) Wait(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.conn == nil || l.conn.IsClosed() {
		return l.connect(ctx)
	}
	if _, err := l.conn.WaitForNotification(ctx); err != nil {
		if ctx.Err() == nil {
			l.drop()
		}
		return fmt.Errorf("pglisten: %w", err)
	}
	return nil
}

func (l *Listener) connect(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return errors.New("pglisten: can't connect") // as above
	}
	l.conn = conn
	if _, err := conn.Exec(ctx, "LISTEN "+l.table); err != nil {
		l.drop()
		return fmt.Errorf("pglisten: %w", err)
	}
	return nil
}

// Close closes the connection. A Wait that is under way ends with its context; end that first.
func (l *Listener) Close() {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.drop()
}

func (l *Listener) drop() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx)
	l.conn = nil
}
