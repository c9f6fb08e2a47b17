package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/spill/sqlstore"
)

// Sessions that are too large for a cookie, in a table.
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
	ring, err := keys.FromSecrets("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[[]string](sealjar.Options{Keys: ring, Spill: spill.Options{Store: store}})
	if err != nil {
		log.Fatal(err)
	}
	session, _ := jar.Load(httptest.NewRequest(http.MethodGet, "/", nil))
	session.Data = []string{strings.Repeat("a long draft ", 1000)}
	w := httptest.NewRecorder()
	fmt.Println(jar.Save(w, session), len(w.Header().Get("Set-Cookie")) < 1000)
	// Output: <nil> true
}

// The statements, for those who keep their migrations elsewhere.
func ExampleSchema() {
	schema, err := sqlstore.Schema(sqlstore.Options{Dialect: sqlstore.PostgreSQL})
	fmt.Print(schema, err)
	// Output:
	// CREATE TABLE IF NOT EXISTS sealjar_sessions (
	// 	id text COLLATE "C" PRIMARY KEY,
	// 	version bigint NOT NULL,
	// 	expires bigint NOT NULL,
	// 	data bytea NOT NULL
	// );
	// CREATE INDEX IF NOT EXISTS sealjar_sessions_expires ON sealjar_sessions (expires);
	// <nil>
}
