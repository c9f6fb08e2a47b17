// Package expressproof lets users of a real Express application go over to Go by package expressbridge: express-session
// with express-mysql-session on a real MariaDB, connect-pg-simple on PostgreSQL, and connect-redis on Redis. All of it is
// tests; see also the folder node.
package expressproof
