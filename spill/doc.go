// Package spill is where sessions go that do not fit into a cookie, or must not be in one.
//
// # Use
//
//	jar, err := sealjar.New[Basket](sealjar.Options{Keys: ring, Spill: spill.Options{Store: store}})
//
// Nothing else changes: handlers use the session as before, whether it is in the cookie or in the store. Stores are in
// the modules spill/sqlstore (MySQL, MariaDB, PostgreSQL, SQLite) and spill/redisstore, and for one process there is
// [Memory].
//
// # How it works
//
// A session that has grown beyond its cookie is sealed like any other, but into a row of the store under the session's
// id, and the cookie holds a sealed reference to it. With [Options].Always every session is kept so from its first
// write. The reference has what lifetimes and revocation need, so what is forged, expired or revoked is refused before
// the store is asked. A request that uses its session reads one row; one that changes it writes one. A renewal alone
// writes none: the row lives as long as the session may.
//
// A session that was put into the store stays there until it ends, is signed in anew or renewed by Session.Renew, also
// if it becomes smaller.
//
// # Older cookies
//
// A reference of any age leads to the newest state, so a cookie that was copied before a change does not bring back
// what was before it. Rows have versions that only go up: a row that is older than the reference, from a backup or a
// hostile store, is refused. When requests change one session at the same time, the last one wins, as with cookies. One that
// changes nothing undoes nothing.
//
// A cookie that holds its session itself, from before it went into the store, never replaces a row. With Always the row
// counts in its place. Without, nobody looks into the store for such a cookie: it is good until it expires, like every
// older cookie of a jar without a store. If its session then outgrows the cookie, the request that does it fails with
// an error, nothing is overwritten, and the response brings the reference, so that to try again does it. That can
// happen to two requests of one user that are under way when the session crosses the limit, if the cookie of one that
// stayed below arrives last: nobody can tell it from a copy. Choose Always where no older state may come back.
//
// Nor does the cookie of another system (Options.Takeover of the jar): a session that was taken over before is what its row says,
// unless that is over, or from before a later sign-in there.
//
// A request that is under way when its session ends does not bring it back: a row is only replaced where there is one.
//
// # Failures
//
// While the store does not answer, a stored session counts as one of which nobody can tell: it is anonymous with
// sealjar.ErrUnavailable, gates answer 503, and the cookie is left alone, so that nobody is signed out. A session that
// can't be written is a clean 500 in place of the handler's response, and the store and the cookie are as they were.
// Session.SignIn, Session.Renew and Jar.EndOthers, which revoke the old cookie at once, first make sure that the client
// will have another one: what it holds, under another id, is written ahead if it needs the store. If that fails they
// return sealjar.ErrUnavailable and change nothing. If the store fails after that, the 500 brings this one, without
// what the handler has changed; where another subject was to be signed in, what the one before had is gone. So with a
// revocation list they write twice and delete twice, EndOthers three times. Each failure is one event. No request waits
// longer than [Options].Timeout for an answer, and a client that hangs up does not cut a write in half.
//
// A row that is not there any more, because the session was ended or the store has lost it, makes the session
// anonymous; the event's error is [ErrGone].
//
// # Threats
//
// The store sees ciphertext. Its rows are bound to their place: a row is no cookie and a cookie no row, and no row is
// good under another id. Who can write to the store can delete sessions, and within the limits of the reference show an
// older state of one, but make or read none. Sizes and times are visible.
//
// To end a session deletes its row, so copies of its cookie are worth nothing even without a revocation list, but for one
// from before it went into the store. Rows of subjects that were ended otherwise, as by Jar.EndAll, are refused by the
// list, and deleted when they expire.
package spill
