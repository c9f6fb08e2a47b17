// Package sealjar keeps a web session inside the browser's own cookie: typed, signed, encrypted, and with nothing to store on
// the server.
//
// # Use
//
// A [Jar] is made once, with keys and the type of the application's own data. Middleware puts it around the handlers:
// package stdmw for net/http and all that is built on it, package echomw for Echo.
//
//	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
//	jar, err := sealjar.New[State](sealjar.Options{Keys: ring})
//	http.ListenAndServe(addr, stdmw.New(jar, stdmw.Options{})(mux))
//
// A handler asks for its [Session] and changes Data. What it holds when the response header leaves is sealed into the
// cookie, if it has changed. There is nothing to save and nothing to register:
//
//	jar.From(r.Context()).Data.Views++
//
// [Session.SignIn] and [Session.End] sign in and out, [Jar.EndAll] signs out on all devices and [Jar.EndOthers] on
// the others, [Session.AddFlash] leaves a message
// for the next page, [Session.Remember] survives the end of the browser, [Jar.Peek] looks without keeping the session
// alive, and [Jar.Check] is what a gate asks, or [Jar.CheckRecent] if it must have been recent. A [Slot] is
// for a package that shares the session. With [Options].Header apps bring
// the session in a header, and get it from [Jar.Seal]. Package sealjartest helps to test handlers.
//
// # How it works
//
// A request that never asks for its session costs next to nothing and gets no header. The first [Jar.From] opens the cookie. A
// bad cookie of whatever kind is an anonymous session and an [Event], never an error page: [Session.Err] has the reason.
//
// The cookie is written at the last moment, before the first byte of the response, whichever way the handler lets the
// header go. A session that can't be written, for example because it is too large ([ErrTooLarge]), turns the response
// into an error before it has left. A change that comes after the header, in a session that ended in the meantime, or while
// the list can't be asked is an [EventUnwritten], never lost in silence.
//
// Two clocks end a session. The idle one starts anew when a quarter of it is used; the absolute one counts from the sign-in and
// is never moved. The configuration of today applies to the sessions of yesterday.
//
// The token in the cookie is a nested JWT: signed, then encrypted with AES-256-GCM. Package token has its form. Keys
// rotate by dates, and sessions move to the new key by themselves: see package keys.
//
// # Threats
//
// Without the keys nobody can read a session or make one, and each token has one accepted spelling. The name of the cookie
// and its purpose are bound into the token, so it is worth nothing under another name. Signing in always changes the
// session's id, so one that was planted in the browser before is worth nothing afterwards (session fixation). The cookie
// is __Host-, Secure, HttpOnly and SameSite=Lax unless [Cookie] says otherwise, and forms that browsers would drop
// are refused by [New]. A response with the cookie is kept out of caches, over the handler's head if need be.
//
// A stolen cookie works until its session expires or is ended. With [Options.Revocation] to end a session makes every copy of its
// cookie worthless; without, only the cookie itself is deleted. When the list can't be asked, the session counts as anonymous
// ([ErrUnavailable]) and the user's cookie is left alone: an outage lets nobody in and signs nobody out.
//
// Three things are not defended. A client can send an older cookie of its own and with it older data, until that
// expires: what must not go back belongs in a database, or the whole session in a store, with [Options].Spill and
// Always. Two requests at the same time start from the same state, and the last response wins. And SameSite is not all
// of a protection against CSRF: use [net/http.CrossOriginProtection] or your framework's.
//
// No error, event or log line has a byte of a token, a key or the data. The ids of sessions and the names of subjects are there.
//
// # Limits
//
// Name and value of the cookie have at most 4,096 bytes, which is about 1,900 bytes of JSON, or [Cookie.MaxChunks] times that;
// with [Options].Spill a session may have what fits into a row of a store. A subject has up to 255 bytes, and a session
// up to 16 groups of 64. Lifetimes are from a second to 400 days. Clocks of several servers may differ by 30 seconds. Of
// several cookies with the jar's name, the first four are tried, and the newest good one counts ([EventTwins]).
//
// # Compatibility
//
// The form of the token has a promise of its own, in docs/format.md. Data is JSON of the application's type: fields may
// come and go between deployments, and what this version of the type does not know is kept until Data is changed. A
// field that changes its type makes the sessions that have it anonymous, unless [Options].Migrate brings them along.
// Before version 1.0 the API may change with a minor version; CHANGELOG says how. It needs Go 1.26.
package sealjar
