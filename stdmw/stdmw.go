// Package stdmw puts sealjar sessions under net/http handlers.
//
// # Use
//
//	handler := stdmw.New(jar, stdmw.Options{})(mux)
//
// A handler gets its session with jar.From(r.Context()), changes its Data, and writes its response as ever. The cookie goes out
// with the header, whichever way the handler lets the header go: Write, WriteHeader, Flush, Hijack, ReadFrom, or by returning.
//
// # WebSockets
//
// A WebSocket's upgrade is the last moment for a change. The cookie is put into w.Header() then, and whoever writes the 101 must
// write those fields: github.com/coder/websocket does, and github.com/gorilla/websocket if it is told to, with
// upgrader.Upgrade(w, r, w.Header()). A handler that calls Hijack and writes its own 101 writes w.Header() into it.
//
// # Order
//
// What is mounted around this middleware and answers by itself, such as a recoverer, answers without the session. What is
// mounted inside of it, or is a handler, answers with it. With [http.TimeoutHandler] either order is good. A response that timed
// out does not carry what the handler did to the session. The handler may still be at it then, so let it ask for the
// session with the context of its own request, which has the deadline.
package stdmw

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/sealjar/sealjar"
)

// Options says how the middleware works. The zero value is right for most.
type Options struct {
	// ErrorHandler answers when a session can't be written, for example because it is too large: errors.Is(err,
	// sealjar.ErrTooLarge). What the handler had written is dropped. Nil means 500 Internal Server Error and no more words.
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)
}

// New returns middleware that gives each request its session of jar, which is a *sealjar.Jar. For several jars, mount it
// several times. It panics if jar is nil.
func New(jar sealjar.AnyJar, options Options) func(http.Handler) http.Handler {
	if jar == nil || reflect.ValueOf(jar).IsZero() {
		panic("stdmw: jar is nil")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w, r, end := jar.Begin(w, r, options.ErrorHandler)
			panicked := true
			defer func() { end(panicked) }() // who recovers outside may still answer
			next.ServeHTTP(w, r)
			panicked = false
		})
	}
}

// GateOptions says what a gate does with those it does not let through. The zero value answers 401 or 503.
type GateOptions struct {
	// Denied answers a request of nobody who is signed in. Nil means 401 Unauthorized; for a page, use something like
	// http.RedirectHandler("/signin", http.StatusSeeOther).
	//
	// A jar that takes tokens from Authorization adds WWW-Authenticate to a 401, also to yours: see sealjar.Options.Header.
	Denied http.Handler

	// Unavailable answers a request of which nobody can tell now whether it is signed in. Nil means 503 Service Unavailable.
	Unavailable http.Handler

	// MaxAge, if not 0, lets through only those who signed in at most so long ago, for what asks for more than a
	// session, such as a change of the password.
	MaxAge time.Duration

	// Stale answers who is signed in, but longer ago than MaxAge. Nil means Denied; for a page, redirect to a form that
	// asks for the password again and calls SignIn.
	Stale http.Handler

	// Passive keeps a request that passes the gate from counting as activity, for routes that a page polls.
	Passive bool
}

// Gate returns middleware that lets through who is signed in. Mount it inside of the jar's middleware. It panics if jar is nil or
// MaxAge is negative.
func Gate(jar sealjar.AnyJar, options GateOptions) func(http.Handler) http.Handler {
	if jar == nil || reflect.ValueOf(jar).IsZero() {
		panic("stdmw: jar is nil")
	}
	if options.MaxAge < 0 {
		panic("stdmw: GateOptions.MaxAge is negative")
	}
	if options.Denied == nil {
		options.Denied = refuse(http.StatusUnauthorized)
	}
	if options.Unavailable == nil {
		options.Unavailable = refuse(http.StatusServiceUnavailable)
	}
	if options.Stale == nil {
		options.Stale = options.Denied
	}
	check := jar.Check
	if options.MaxAge > 0 {
		check = func(ctx context.Context) error { return jar.CheckRecent(ctx, options.MaxAge) }
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch err := check(r.Context()); {
			case errors.Is(err, sealjar.ErrUnavailable):
				options.Unavailable.ServeHTTP(w, r)
				return
			case errors.Is(err, sealjar.ErrStale):
				options.Stale.ServeHTTP(w, r)
				return
			case err != nil:
				options.Denied.ServeHTTP(w, r)
				return
			}
			if !options.Passive {
				jar.Touch(r.Context())
			}
			next.ServeHTTP(w, r)
		})
	}
}

// refuse says the status and nothing of the reason. The jar adds WWW-Authenticate to a 401 where there is a scheme for it.
func refuse(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(status), status)
	})
}
