package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/sqlstore"
	"github.com/sealjar/sealjar/revocation/sqlstore/pglisten"
)

// A durable list for an application on one machine: a file.
func ExampleOpen() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file::memory:?_pragma=busy_timeout(20000)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own; a file needs no such limit
	options := sqlstore.Options{Dialect: sqlstore.SQLite}
	if err := sqlstore.CreateTable(ctx, db, options); err != nil {
		log.Fatal(err)
	}
	store, err := sqlstore.Open(ctx, db, options)
	if err != nil {
		log.Fatal(err)
	}
	now := time.Now()
	err = store.Add(ctx, revocation.Entry{Kind: revocation.Subject, Name: "alice", Cutoff: now, Until: now.Add(time.Hour), Reason: "left"})
	if err != nil {
		log.Fatal(err)
	}
	found, err := store.Lookup(ctx, []revocation.Name{{Kind: revocation.Subject, Name: "alice"}})
	fmt.Println(found[0].Reason, err)
	// Output: left <nil>
}

// On PostgreSQL a node can listen, and hear of a revocation in a millisecond.
func ExampleStore_listening() {
	ctx, url := context.Background(), "postgres://app@db.example/app"
	db, err := sql.Open("pgx", url)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := pglisten.New(url, "")
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	_, err = sqlstore.Open(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL, Poll: time.Second, Hint: listener.Wait})
	if err != nil {
		log.Print(err)
	}
}

// The statements, for those who keep their migrations elsewhere.
func ExampleSchema() {
	schema, err := sqlstore.Schema(sqlstore.Options{Dialect: sqlstore.MySQL, Table: "revocations"})
	fmt.Println(schema[:39], err)
	// Output: CREATE TABLE IF NOT EXISTS revocations  <nil>
}
