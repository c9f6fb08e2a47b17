// Package conformance is what a browser may expect of web sessions, as a suite that knows nothing of an implementation but a
// base URL. Each behaviour is one sentence: given this, expect that. docs/conformance.md lists them, with who passes what.
//
// # The site
//
// Whoever wants to be examined serves a small site. All routes take any method; values come as query parameters.
//
//	/noop                does not touch its session; "Cache-Control: public, max-age=60"
//	/read                answers JSON: {"values": {…}, "subject": "…", "id": "…"}
//	/peek                the same without keeping the session alive
//	/set?k=v&…           sets values
//	/revert?key=k        changes a value and changes it back
//	/delete?key=k        takes a value away
//	/count               adds 1 to the value "n" and answers it
//	/large?bytes=n       sets the value "large" to n letters
//	/touch               keeps the session alive
//	/flash?text=…        leaves a message; /flashes answers JSON with those left by earlier requests, and removes them
//	/remember?on=1|0     makes the session outlive the browser, or not
//	/lifetime?seconds=n  gives the session a shorter absolute lifetime; 400 if it can't be
//	/signin?subject=…    signs in; /signout ends the session; /everywhere ends all sessions of its subject
//	/renew               gives the session a new id and keeps its values
//	/gate                200 for who is signed in, 401 for others
//	/fresh?k=v&…         ends the session and begins another one, with these values
//	/second/read, /set   the same with a second session under a cookie of its own
//	/hold?k=v            loads its session, waits for /control/release, and then sets values
//	/respond/<how>?…     sets the values in the parameter "set" (k=v) and responds in a way of its own: see respond.go
//
// Some are for what a site may lack:
//
//	/left                answers JSON: the seconds until the session ends, {"idle": n, "absolute": n}; as passive as /peek
//	/others              ends the other sessions of the subject
//	/recent              200 for who has signed in within the last 5 minutes, 403 for who did before, 401 for others
//	/methods             answers JSON with the parameters "method" of /signin
//	/token               answers JSON: {"token": "…"}, good for the header of the reset
//	/slot?package=&text= keeps a text for a package; /slots?package=… answers JSON with the texts by package
//	/guarded/set?k=v     the same as /set, behind the protection against requests that other sites make
//	/proxied             reads its session, and passes the request on to an upstream, which answers JSON: {"cookie": […], "authorization": […]}
//	/reader/…            a program that only reads sessions: read, and set, signin, signout, which can't be
//
// Each of them is at /in/… too, for cookies with that path. These drive it and are no part of what is examined:
//
//	/control/about       JSON: [About]
//	/control/reset?…     begins anew, with new keys and no sessions, the clock at the real time, and what the parameters say:
//	                     name, path, domain, samesite (lax, strict, none), partitioned, persistent, http (not Secure),
//	                     script (not HttpOnly), priority (low, high), chunks (at most so many cookies), tenants (Domain is what the
//	                     header X-Tenant says), renewal (always, never), header and renewed (where tokens come and go). Lifetimes are
//	                     30 minutes idle and 12 hours in all, 7 and 30 days when remembered
//	/control/configure?idle=5m  makes that the idle time, with the same keys and sessions
//	/control/deploy?form=…      puts another version of the program in place of this one: see forms.go
//	/control/clock?ahead=90m    sets the clock so far ahead of the real time
//	/control/keys?do=add|drop   adds a key that seals from now on, or takes all but the newest away
//	/control/held        returns when a request is in /hold; /control/release lets all go on that are
package conformance
