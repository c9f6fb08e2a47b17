// Package takeover is what a jar and the bridge to another session system say to each other: [sealjar.Options].Takeover
// is a [Source].
//
// Who leaves Express needs package expressbridge and nothing of this one. It is for who writes a bridge to something else.
//
// # How a session comes over
//
// A jar asks the source only when a handler asks for its session, and the request has no good one of the jar, or one in
// which nobody is signed in. What [Source.Find] gives is checked with the revocation list, decoded, and sealed into the
// jar's cookie with the same response. [Source.Sealed] then says what becomes of the old session. One that is too large
// for that is found anew by each request, as long as no handler changes it.
//
// A session may stay tied to the old one by a link, which is in its token: then the end of either ends both. The jar asks
// [Source.Alive] each time that a quarter of the idle time has passed, and calls [Source.End] when the session ends.
//
// # Threats
//
// The cookie of the old system can be replayed as long as its session lives, so the id of a session that is taken over
// derives from the old one: what was revoked stays revoked, but for a renewal where the old session lives on
// ([Session].Parallel). A session of which the source does not know when it was signed in is refused if anything but
// other sessions was ever revoked that bears one of its names, and never counts as a recent sign-in.
//
// [sealjar.Options]: https://pkg.go.dev/github.com/sealjar/sealjar#Options
package takeover

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Why [Source.Find] gives no session, for errors.Is. Any other error says that nobody can tell now.
var (
	// ErrNone says that the request brings nothing of the other system. Nobody is told.
	ErrNone = errors.New("takeover: no session")
	// ErrRefused says that what it brings is not authentic, or can't be read.
	ErrRefused = errors.New("takeover: session refused")
	// ErrEnded says that the session that it brings is over. [Source.Alive] says so of a link.
	ErrEnded = errors.New("takeover: session ended")
	// ErrPassedOver says that nobody can tell now, and that the request is to be served without a session all the same.
	ErrPassedOver = errors.New("takeover: the other system does not answer")
)

// Session is one that is to be taken over.
type Session struct {
	// ID is what each jar derives the sid of its new session from, together with AuthTime: 1 to 64 characters of
	// A-Z a-z 0-9 - _, always the same for one old session and subject, and for another subject another one.
	ID string

	// Subject is who is signed in, empty if nobody is; at most 255 bytes. Methods and Groups are those of the new session.
	Subject         string
	Methods, Groups []string

	// Data is the application's data as JSON, in the form of the jar's type.
	Data []byte

	// AuthTime is when the session was signed in; zero if that is not known.
	AuthTime time.Time

	// Expiry is when the old session ends if nobody uses it any more.
	Expiry time.Time

	// Remember makes it live by the lifetimes for sessions that are remembered.
	Remember bool

	// Link is what the source calls the old session, at most 512 bytes of UTF-8. Empty: the two have nothing to do with
	// each other.
	Link string

	// Parallel says that the old session goes on to be used beside the new one. Then its cookie is good again after the
	// new one has expired, also if that was renewed, which revokes ID: the session gets a random id, and ends as if it had
	// ID.
	Parallel bool
}

// Sealed is what a response does with a session.
type Sealed struct {
	Request *http.Request

	// Link ties it to the other system. Subject is who is signed in, and Data the application's data as JSON.
	Link    string
	Subject string
	Data    []byte

	Taken   bool // it comes from Find
	Begun   bool // Link comes from Begin
	Asked   bool // Link comes from Alive, in this request or in one before that was not active
	Changed bool // it is another one than the client held
	Active  bool // the request counts as activity

	Now time.Time
}

// Source is another system's sessions. All methods must be safe for concurrent use and must bound how long they take:
// they are called during requests. Now is the jar's clock.
//
// One more is used if a source has it: Lives(r *http.Request, link string) time.Duration says how long the old session lives if
// nobody uses it, or 0. The jar asks Alive when a quarter of that has passed, if that is earlier, so that whoever is at work
// here keeps the old session alive. It asks when ten seconds have passed if that is negative: the request brings another session
// of that system, so this one may be over.
type Source interface {
	// Find gives the session that a request brings, or one of the errors of this package, or any other one if it can't
	// tell. It changes nothing.
	Find(ctx context.Context, r *http.Request, now time.Time) (Session, error)

	// Alive reports whether a link of a subject still holds, and returns what it is called from now on: empty cuts it,
	// and the session lives on alone. The error matches ErrEnded if the old session was ended, or belongs to another
	// subject by now. With any other one nobody can tell; the session is not prolonged then.
	Alive(ctx context.Context, link, subject string, now time.Time) (string, error)

	// Begin makes a session of the other system for one that began here, and returns the link to it, or an empty one.
	// With an error the session goes without.
	Begin(ctx context.Context, subject string, data []byte, now time.Time) (link string, err error)

	// Sealed is called when the header of a response has the cookie of a session with a link, or of one that was taken
	// over. It may add to the header. An error is told to the operator, and the session is the client's in spite of it.
	Sealed(ctx context.Context, h http.Header, s Sealed) error

	// End ends the sessions of the other system that a link, unless it is empty, and the request name. Without an error
	// they are gone for good.
	End(ctx context.Context, r *http.Request, link string) error

	// Clear deletes the other system's cookie if the request has brought one, after End.
	Clear(h http.Header, r *http.Request)
}
