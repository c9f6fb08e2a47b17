package expressbridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// What [Options] mean where they are zero.
const (
	defaultGrace      = time.Minute
	defaultExpiration = 24 * time.Hour // of express-mysql-session, connect-pg-simple and connect-redis
	defaultTimeout    = 2 * time.Second
	defaultMaxData    = 1 << 20

	maxSecrets  = 16
	maxLifetime = 400 * 24 * time.Hour // of a cookie (draft-ietf-httpbis-rfc6265bis, section 5.5)
)

// Mode is what becomes of a session of Express that was taken over. There is no default: the application says it aloud.
type Mode int

const (
	// SideBySide keeps both sessions alive while Node.js and Go serve the same users. The end of either ends both:
	// [sealjar.Session.End] removes the row and both cookies, and when the row is gone, or belongs to somebody else,
	// the session here ends when it would be renewed next. That costs a SELECT and an UPDATE each time that a quarter
	// of the idle time has passed, or of the time that Express keeps a session which nobody uses, if that is shorter; and each ten
	// seconds while the browser has another connect.sid than that of the session, with which somebody else may have signed in.
	SideBySide Mode = iota + 1
	// AfterGrace lets the row expire after [Options].Grace, so that requests that are under way with the old cookie
	// still find it, and a response that never arrives signs nobody out who comes again within it. The old cookie is
	// deleted at once. It is the way to cut over: while some nodes are still SideBySide, with a Grace that is longer than
	// that lasts, since those end a session whose row has expired.
	AfterGrace
	// AtOnce deletes row and cookie with the first response. Requests that are under way with the old cookie alone may
	// find nobody signed in; what their handlers write into the session then takes the place of the good one, and who
	// never gets the first response is signed out. It is for who must not leave a row behind for a minute.
	AtOnce
)

// Failure is what a request becomes of which nobody can tell whether it has a session, because the database does not
// answer. There is no default.
type Failure int

const (
	// Refuse answers [sealjar.ErrUnavailable]: a gate answers 503, and a handler sees an anonymous session that is not written.
	Refuse Failure = iota + 1
	// Anonymous serves the request as if it had no session. The old cookie is left alone, and what is written into the
	// new session counts until the database answers: then the old one takes its place.
	Anonymous
)

// Options says how a bridge works. Rows, Secrets, Import, Mode and OnFailure are required.
type Options[T any] struct {
	// Rows is where Express keeps its sessions: see [MySQL] and [PostgreSQL], and package redisrows.
	Rows Rows

	// Secrets are those of express-session's option secret, in the same order: the first signs, all verify.
	Secrets []string

	// Cookie is that of express-session.
	Cookie Cookie

	// Import says what a session of Express means here. It is called during requests and must be safe for concurrent
	// use. It must give the same subject for the same session, and must not use the session of its context.
	//
	// An error refuses the session, and its text goes to the log: keep what is in the session out of it. [ErrSkip]
	// refuses it in silence, such as a session in which nobody is signed in and that is of no use here. [ErrUnavailable], and any
	// error after Timeout, which is that of the context, counts as a database that does not answer.
	Import func(context.Context, Old) (Session[T], error)

	// Mode is what becomes of the sessions of Express.
	Mode Mode

	// OnFailure is what happens while the database does not answer.
	OnFailure Failure

	// Back, if not nil, makes the content of a session of Express for a subject who has signed in here, so that a
	// rollout can be undone: it is what JSON.stringify would get, without the member cookie. Nil means none for this
	// one. It needs SideBySide. What it returns must mean the same subject to Import.
	//
	// The row is written with the session's first cookie and whenever that changes: what Node.js has written into it
	// meanwhile is lost then. If there is nothing to write then, or it is wrong, the row stays as it is.
	//
	// To be taken over again after a revocation of the subject, what it returns must tell when they signed in, as for
	// [Session].AuthTime: keep that in T.
	Back func(subject string, data T) (map[string]any, error)

	// Grace is for AfterGrace; 0 means a minute. At most an hour.
	Grace time.Duration

	// Expiration is how long Express keeps a session whose cookie has no maxAge: the option expiration of
	// express-mysql-session in milliseconds, or ttl of connect-pg-simple and connect-redis in seconds. 0 means 24 hours,
	// as it does there.
	Expiration time.Duration

	// Timeout bounds what a request waits for the database each time that it is asked; 0 means 2 seconds.
	Timeout time.Duration

	// MaxData is how many bytes of JSON a row may have; 0 means 1 MiB.
	MaxData int
}

// Cookie is what express-session was told about its cookie. It must be right: so the cookie is deleted, and written where one
// that has a maxAge is to live as long as the row that a use here prolongs.
type Cookie struct {
	// Name is the option name; empty means connect.sid.
	Name string

	// Path, Domain and SameSite are those of the option cookie. An empty Path means /.
	Path, Domain string
	SameSite     http.SameSite

	// Partitioned is cookie.partitioned (express-session 1.18): browsers keep the cookie apart for each top-level site
	// (CHIPS, draft-cutler-httpbis-partitioned-cookies), and take a deletion without it for that of another cookie. It
	// needs Secure.
	Partitioned bool

	// MaxAge is cookie.maxAge, for the sessions of [Options].Back; 0 means that the cookie ends with the browser.
	MaxAge time.Duration

	// InsecureHTTP leaves out Secure where this package writes or deletes the cookie. Over plain http browsers ignore
	// both with it.
	InsecureHTTP bool
}

func (o *Options[T]) complete() error {
	fail := func(field, format string, args ...any) error {
		return fmt.Errorf("expressbridge: Options.%s %s", field, fmt.Sprintf(format, args...))
	}
	if o.Rows == nil || reflect.ValueOf(o.Rows).Kind() == reflect.Pointer && reflect.ValueOf(o.Rows).IsNil() {
		return fail("Rows", "is missing")
	}
	if len(o.Secrets) == 0 || len(o.Secrets) > maxSecrets {
		return fail("Secrets", "has %d secrets: want 1 to %d", len(o.Secrets), maxSecrets)
	}
	for i, secret := range o.Secrets {
		if secret == "" {
			return fail("Secrets", "has an empty one at index %d", i)
		}
	}
	switch {
	case o.Import == nil:
		return fail("Import", "is missing")
	case o.Mode != SideBySide && o.Mode != AfterGrace && o.Mode != AtOnce:
		return fail("Mode", "is missing: say SideBySide, AfterGrace or AtOnce")
	case o.OnFailure != Refuse && o.OnFailure != Anonymous:
		return fail("OnFailure", "is missing: say Refuse or Anonymous")
	case o.Back != nil && o.Mode != SideBySide:
		return fail("Back", "needs Mode SideBySide: the others delete what it is for")
	case o.Grace != 0 && o.Mode != AfterGrace:
		return fail("Grace", "needs Mode AfterGrace")
	}
	for _, d := range []struct {
		name            string
		value           *time.Duration
		otherwise, most time.Duration
	}{
		{"Grace", &o.Grace, defaultGrace, time.Hour},
		{"Expiration", &o.Expiration, defaultExpiration, maxLifetime},
		{"Timeout", &o.Timeout, defaultTimeout, time.Minute},
	} {
		if *d.value == 0 {
			*d.value = d.otherwise
		}
		least := time.Second
		if d.name == "Timeout" {
			least = time.Millisecond
		}
		if *d.value < least || *d.value > d.most {
			return fail(d.name, "is %v: want %v to %v", *d.value, least, d.most)
		}
	}
	if o.MaxData == 0 {
		o.MaxData = defaultMaxData
	}
	if o.MaxData < 64 || o.MaxData > 16<<20 {
		return fail("MaxData", "is %d bytes: want 64 to 16 MiB", o.MaxData)
	}
	if err := o.Cookie.complete(); err != nil {
		return fmt.Errorf("expressbridge: Options.Cookie.%w", err)
	}
	return nil
}

func (c *Cookie) complete() error {
	if c.Name == "" {
		c.Name = "connect.sid"
	}
	if c.Path == "" {
		c.Path = "/"
	}
	switch trial := (&http.Cookie{Name: c.Name, Value: "x"}); {
	case trial.Valid() != nil:
		return fmt.Errorf("Name: %q is not a cookie name (RFC 6265, section 4.1.1)", c.Name)
	case (&http.Cookie{Name: c.Name, Path: c.Path}).Valid() != nil, !strings.HasPrefix(c.Path, "/"):
		return fmt.Errorf("Path: %q is not an absolute path", c.Path)
	case c.Domain != "" && (&http.Cookie{Name: c.Name, Domain: c.Domain}).Valid() != nil:
		return fmt.Errorf("Domain: %q is not a domain name", c.Domain)
	case c.MaxAge < 0 || c.MaxAge > maxLifetime || c.MaxAge > 0 && c.MaxAge < time.Second:
		return fmt.Errorf("MaxAge is %v: want 1s to %v, or 0", c.MaxAge, maxLifetime)
	case c.SameSite < 0 || c.SameSite > http.SameSiteNoneMode:
		return errors.New("SameSite: want one of net/http's, or 0")
	case c.Partitioned && c.InsecureHTTP:
		return errors.New("Partitioned: browsers refuse it without Secure, which InsecureHTTP leaves out")
	}
	return nil
}
