// Package expressbridge lets users of an Express application go on in Go without signing in again: it takes over the
// live sessions that express-session keeps in a database, and can write them back.
//
// # Use
//
//	rows, err := expressbridge.MySQL(db, expressbridge.Table{}) // the table of express-mysql-session
//	source, err := expressbridge.New(expressbridge.Options[Data]{
//		Rows:      rows,
//		Secrets:   []string{os.Getenv("SESSION_SECRET")},
//		Import:    imported, // what a session of Express means here
//		Mode:      expressbridge.AfterGrace,
//		OnFailure: expressbridge.Refuse,
//	})
//	jar, err := sealjar.New[Data](sealjar.Options{Keys: ring, Takeover: source})
//
// Nothing else changes: the middleware for net/http and for Echo, and the handlers, know nothing of it. The user of
// [MySQL] needs SELECT, UPDATE and DELETE on the table, and INSERT for [Options].Back.
//
// # What happens
//
// When a handler asks for its session, and nobody is signed in by a cookie of the jar, a cookie connect.sid with a good
// signature costs one SELECT. The application's Import says what the session means; it is sealed into the jar's cookie
// with the same response, and from then on the database is not asked any more, but for [SideBySide]. Requests that come
// with the old cookie at the same time get the same session: its id derives from the old one, the subject and the time of
// the sign-in, if that is known. Each jar makes a session of its own, which ends by itself, or with the old one.
//
// What becomes of the row is the [Mode]. A rollout goes from SideBySide, while both serve, to AfterGrace, when Node.js
// is switched off: sessions that were tied to a row let go of it when they are renewed next. If the response that says so
// is lost, the next request finds the row expired, and lets go of it then. In Redis it would find none, nor in a table from
// which a Node.js that still runs prunes such rows (express-mysql-session and connect-pg-simple do, each 15 minutes or so),
// as after a sign-out there: let Grace be long enough. When the last row has expired, take the bridge away and drop the
// table.
//
// # The two sides
//
// With SideBySide, whoever signs out here is signed out there at once, and whoever signs out there is signed out here
// when a quarter of the idle time has passed. A row that belongs to another subject by now, or to nobody, counts as
// signed out, and one whose subject Import no longer finds. Who signs in there while nobody is signed in here is signed
// in here too, with what the session holds there; what the anonymous one held is lost. Who signs in here is known there
// only with [Options].Back.
//
// Who has worked only there for longer than a session lives here comes with the old cookie alone, and is taken over again.
//
// Data is copied once, when the session is taken over. What one side changes after that, the other does not see.
//
// # Lifetimes
//
// The row says whether a session lives: the time in it counts, and no time in its JSON. A session that is taken over
// counts as used now and lives by the jar's idle time; if the request is no activity ([sealjar.Jar.Peek]) it ends no
// later than the row would have. The absolute lifetime starts with [Session].AuthTime, or now.
//
// A cookie of Express may have outlived the browser. Let Import set Remember for sessions whose Old.MaxAge says so.
//
// # Threats
//
// A stolen connect.sid is good until it was used up: with AtOnce that ends with the first response to the user, with
// AfterGrace when the time of grace after it is over. It gives no recent sign-in: [sealjar.Jar.CheckRecent] says no until
// the user has signed in here. With SideBySide it is good as long as Node.js takes it, also after
// [sealjar.Session.Renew], which gives the session here a new id and leaves the one there alone.
//
// The signature is compared in constant time with every secret, before the database is asked. The id is compared byte
// for byte with the row's, since MySQL compares without case and without spaces at the end by default, and an id of
// anything but visible ASCII is none. The size and the depth of the JSON are bounded before it is read.
//
// Revocation: the list is asked about a session before it is taken over, with the time of its sign-in. Where that is
// not known the session is refused if its subject was ever signed out everywhere: record the time in Node.js
// (req.session.signedInAt = Date.now()) and return it as AuthTime. Without a list, the end of a session still removes
// the row.
//
// A request to Node.js that is under way while the user signs out here may write the row again, as it may when the user
// signs out at another Node.js: express-session does not look. A list keeps such a row out of this side.
//
// While the database does not answer, [Failure] says what becomes of users who were not taken over yet. Those who were
// are not touched, but that with SideBySide their sessions are not prolonged. [Options].Timeout bounds what a request
// waits.
//
// # Limits
//
// Not done: sessions of the MemoryStore, which no other process can read; cookie-session, whose data is in the cookie;
// stores that encrypt or compress (the option secret of connect-mongo, serializer of others), unless Rows undoes it;
// the option cookie as a function; tables whose ids are of bytea, or in BINARY(n) of MySQL, which fills them up, or that say with
// other numbers than integers in MySQL, or with infinity in PostgreSQL, when a session ends; cookies under several paths, of
// which only the configured one is deleted; ids with anything but visible ASCII, or longer than 255 bytes. With
// GODEBUG=fips140=only package crypto/hmac wants secrets of 14 bytes or more.
//
// A session whose Data is too large for the jar's cookie, or for a row of its store, is served, but can't be taken over:
// each response tells sealjar.ErrTooLarge in an event, the row stays Express's and ends when it would have, and a handler
// that changes the session fails. Watch for that event before Node.js is switched off, and let Import take less, or set
// [sealjar.Options].Spill.
//
// Revocations of a subject can't tell whose row spared them: after [sealjar.Jar.EndOthers] the session at hand lives on
// here, but if its user then works only in Node.js for longer than it lives here, the old cookie is refused like those of
// the others, and the user must sign in again here. Nor does EndOthers, or EndAll, remove the rows of the other devices:
// Node.js still serves them.
//
// With Back, requests that come at the same time for a session without a row may each write one: the cookie of the last
// response counts, and the others expire by themselves.
//
// # Compatibility
//
// It is tested with express-session 1.19 and express-mysql-session 3.0 on MariaDB, connect-pg-simple 10 on PostgreSQL, and
// connect-redis 9 on Redis, for which the rows are in package redisrows, a module of its own. For others, such as
// connect-mongo, implement [Rows]: its example shows how.
package expressbridge
