// Package mwtest holds the tests of what the middleware promises over HTTP, whatever the framework and the protocol. They are
// one table of behaviours: each is a sentence, a handler, and what a client with a base URL sees of it. Each runs on
// every stack that can do it, behind a real server on a loopback port.
//
// It is for tests only. That it is a package of its own lets modules that the root module must not depend on run the table too.
package mwtest
