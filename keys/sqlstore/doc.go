// Package sqlstore keeps the ring of keys in MySQL, MariaDB, PostgreSQL or SQLite, through database/sql and a driver of
// your choice, for nodes that rotate their keys by themselves.
//
// # Use
//
//	db, err := sql.Open("pgx", url)
//	err = sqlstore.CreateTable(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL})
//	store, err := sqlstore.Open(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL})
//	rotator, err := keys.NewRotator(ctx, keys.RotatorOptions{Store: store, Sealer: sealer})
//
// The table has one row, with the version of the ring and its text. To swap is one UPDATE on the condition that the version is
// the one that was read, so of any number of nodes one wins, and a node that dies leaves the old ring or the new one. The row is
// made with the table, with the version 0: a table without it was emptied, and that is an error and no reason to make new keys.
//
// # SQLite
//
// One connection writes at a time, and SQLite turns the others away ("database is locked") unless it is told to let
// them wait: without a busy_timeout a node that rotates at the same moment as another one gets an error, so [Open]
// refuses 0. With modernc.org/sqlite, whose pragmas hold for each connection that database/sql makes:
//
//	db, err := sql.Open("sqlite", "file:/var/lib/app/keys.db?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
//
// # Threats
//
// Who can read the table has the keys, and with them every session. So has who can read a backup of the database, its
// binary log or its log of statements. Give [keys.RotatorOptions] a Sealer ([keys.NewSealer]), so that only a sealed
// text gets there, and give the table to a user of its own. Who can write to the table can stop rotation, but can't put
// keys into a sealed ring.
//
// # Durability
//
// [Open] refuses a database that acknowledges what it may forget in a crash, naming the setting: nodes would go on with keys that
// are gone. Use the primary: a replica that lags behind shows an older ring, which nodes refuse.
package sqlstore
