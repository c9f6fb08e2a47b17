// Package expressbridge lets users of an Express application go on in Go without signing in again: it takes over the live sessions of express-session
// that express-mysql-session or connect-pg-simple keep in a database.
package expressbridge
