// Package sqlstore keeps revocations in MySQL, MariaDB, PostgreSQL or SQLite, through database/sql and a driver of your choice.
//
// # Use
//
//	db, err := sql.Open("pgx", url)
//	err = sqlstore.CreateTable(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL})
//	store, err := sqlstore.Open(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL})
//	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse})
//
// # SQLite
//
// One connection writes at a time, and SQLite turns the others away ("database is locked") unless it is told to let
// them wait: without a busy_timeout a sign-out at the same moment as another one fails, so [Open] refuses 0. With
// modernc.org/sqlite, whose pragmas hold for each connection that database/sql makes:
//
//	db, err := sql.Open("sqlite", "file:/var/lib/app/revocations.db?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
//
// # How nodes follow
//
// The table only grows and is swept: each revocation is a row of its own, and who reads merges. A node polls, ten times a
// second unless told otherwise, for the rows that it has not seen. The order of the numbers that a database gives to rows is
// not the order in which they become visible, so "number > last one" loses rows whose transaction was slow. Each database
// has its own way of losing none:
//
//   - PostgreSQL stamps each row with the id of its transaction. A read applies all that it sees and goes on from
//     pg_snapshot_xmin: below it no transaction is open any more.
//   - MySQL and MariaDB: numbers that a read has found missing are asked for again for 90 seconds, longer than any Add
//     may take. Most of them belong to rows that were rolled back.
//   - SQLite has one writer at a time, so the numbers are the order.
//
// With PostgreSQL a node can also listen: see package pglisten and [Options].Hint. A notification is a hint; the table
// is the truth.
//
// # Durability
//
// [Open] refuses a database that acknowledges what it may forget in a crash, naming the setting. Read from the primary: a replica
// that lags behind looks complete and is not. A node that
// follows does not believe a server that is in recovery (PostgreSQL) or read-only (MySQL, MariaDB); a point query, which is all
// that the direct mode asks, does not tell.
package sqlstore
