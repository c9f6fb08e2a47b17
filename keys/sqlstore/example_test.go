package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"log/slog"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/keys/sqlstore"
)

// Nodes that share a database rotate their keys by themselves.
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
	sealer, err := keys.NewSealer("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	rotator, err := keys.NewRotator(ctx, keys.RotatorOptions{
		Store: store, Sealer: sealer, Watch: keys.Watch{Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		log.Fatal(err)
	}
	// go rotator.Run(ctx), and sealjar.Options{Keys: rotator}
	fmt.Println(rotator.Status().Version, len(rotator.Ring().Keys()))
	// Output: 1 2
}

// The statements, for those who keep their migrations elsewhere.
func ExampleSchema() {
	schema, err := sqlstore.Schema(sqlstore.Options{Dialect: sqlstore.PostgreSQL})
	fmt.Print(schema, err)
	// Output:
	// CREATE TABLE IF NOT EXISTS sealjar_keys (
	// 	id smallint PRIMARY KEY,
	// 	version bigint NOT NULL,
	// 	document bytea NOT NULL
	// );
	// INSERT INTO sealjar_keys VALUES (1, 0, '') ON CONFLICT DO NOTHING;
	// <nil>
}
