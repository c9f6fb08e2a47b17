// Package expressproof lets users of a real Express application, with express-session and express-mysql-session on a
// real MariaDB, go over to Go by package expressbridge. All of it is tests; see also the folder node.
package expressproof
