// Package sqlstore keeps sessions in MySQL, MariaDB, PostgreSQL or SQLite, through database/sql and a driver of your choice.
//
// # Use
//
//	db, err := sql.Open("mysql", dsn)
//	err = sqlstore.CreateTable(ctx, db, sqlstore.Options{Dialect: sqlstore.MySQL})
//	store, err := sqlstore.Open(ctx, db, sqlstore.Options{Dialect: sqlstore.MySQL})
//	jar, err := sealjar.New[Basket](sealjar.Options{Keys: ring, Spill: spill.Options{Store: store}})
//
// Each session is a row of one table, under its id, and a request costs one statement by the primary key to read it,
// and another one if it changes it; only for a row that is not there it asks twice. Several jars may share a table.
//
// # Clean-up
//
// Of the requests that create a session every sixteenth deletes up to 100 rows that have expired, which nodes do not
// wait for each other to do. Nothing runs in the background. Where sessions stop being made and their rows must go all
// the same, call [Store.Sweep].
//
// # SQLite
//
// One connection writes at a time, and SQLite turns the others away ("database is locked") unless it is told to let
// them wait: without a busy_timeout a session that changes at the same moment as another one fails, so [Open] refuses
// 0. With modernc.org/sqlite, whose pragmas hold for each connection that database/sql makes:
//
//	db, err := sql.Open("sqlite", "file:/var/lib/app/sessions.db?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
//
// # Threats
//
// Rows are ciphertext; see package spill for what who can write to the table can do. Give it a user of its own: the
// store needs SELECT, INSERT, UPDATE and DELETE on the one table. The log of statements and the binary log have the
// rows too.
//
// # Durability
//
// [Open] refuses a database that acknowledges what it may forget in a crash, naming the setting: users would be signed
// out. Use the primary: on a replica that lags behind a session is older than its cookie, and refused.
package sqlstore
