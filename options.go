package sealjar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/takeover"
	"github.com/sealjar/sealjar/token"
)

// What [Options] mean where they are zero.
const (
	defaultIdle             = 30 * time.Minute
	defaultAbsolute         = 12 * time.Hour
	defaultRenewal          = 0.25
	defaultRememberIdle     = 7 * 24 * time.Hour
	defaultRememberAbsolute = 30 * 24 * time.Hour

	// maxLifetime is the longest that browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, section 5.5): 400 days.
	maxLifetime = 400 * 24 * time.Hour
)

// Options says how a jar works. Only Keys is required.
type Options struct {
	// Keys gives the keys: a [keys.Ring], a [keys.File] that follows a key file, or a [keys.Rotator]. Required.
	//
	// A source may have the method Require(longest time.Duration, now time.Time) error, as these three do. New calls it with
	// the longest session of the jar, and fails if it does: a key that ends earlier would sign users out. The
	// default [keys.Policy] makes keys for sessions of up to 30 days.
	Keys keys.Source

	// AllowShortKeys waives that rule. The sessions that such a key seals end with the key.
	AllowShortKeys bool

	// Cookie says what the cookie looks like. The zero value is the safest form: __Host-session.
	Cookie Cookie

	// Header, if not empty, is where a request may bring its session instead of a cookie, for APIs and apps:
	// Authorization, for tokens of the scheme Bearer, or a name of your own, for nothing but the token. [Jar.Seal]
	// makes the tokens, which are not good as cookies, nor cookies as tokens.
	//
	// Where a request has both, the header alone counts, also if its token is bad: what a client says is clearer than
	// what a browser adds by itself. The response to a token never sets a cookie. Browsers do not add such a header by
	// themselves, so requests with one need no protection against CSRF.
	//
	// With Authorization, a 401 of a handler or gate that has asked for the session says WWW-Authenticate: Bearer (RFC 6750,
	// section 3), unless that header is there already. To a token that was refused it adds error="invalid_token" and never
	// why, to one of a sign-in that is too old for [Jar.CheckRecent] error="insufficient_user_authentication" with max_age
	// (RFC 9470). For a name of your own there is no scheme, as there is none for cookies, and the 401 goes without.
	Header string

	// RenewedHeader, if not empty, is where the response to a request with a token in Header brings the next one, when
	// a cookie would be written. Without it such a session is not renewed by itself, and to change it, as
	// [Session.Flashes], [Session.SignIn], [Session.Renew] and [Jar.EndOthers] do too, and not call [Jar.Seal] is an
	// error: the client asks for a token in time.
	RenewedHeader string

	// ReadOnly makes a jar for who reads sessions that another program seals, with a ring that can only open
	// ([keys.Options].OpenOnly) or any other: it writes and deletes no cookie and renews no session. Methods that
	// change the session return an error, and a change of Data is an [EventUnwritten]. [Session.End] revokes, and says
	// that the cookie stays.
	//
	// A program that only issues needs no option: let it [Jar.Load] a request without cookies, and [Jar.Save].
	ReadOnly bool

	// Issuer, if not empty, goes into each token as iss, and sessions from another issuer are refused. Set it when
	// several applications share keys. At most 255 bytes.
	Issuer string

	// Idle ends a session that no request has used for so long; 0 means 30 minutes. The session is renewed when a quarter
	// of it is used, not on every response, so a session may end up to a quarter early: see Renewal. And as clocks of nodes
	// differ, each end, also that by Absolute, is enforced [token.Leeway] late: 30 seconds.
	Idle time.Duration

	// Renewal is which part of the idle time must be used before a response renews the session: 0 means 0.25, which is
	// four cookies in each idle time of a busy session. With a tiny one, such as 1e-9, each response renews it. With 1
	// only a change of the session does, and reading never. For routes that must not renew it there is [Jar.Peek], and
	// to end a session at a fixed time Absolute, or [Session.SetLifetime].
	Renewal float64

	// Absolute ends a session so long after it was signed in, or began, whatever is done with it; 0 means 12 hours.
	Absolute time.Duration

	// RememberIdle and RememberAbsolute take the place of Idle and Absolute for sessions with [Session.Remember]; 0 means
	// 7 and 30 days. For a RememberAbsolute of more, tell the keys too: [keys.Policy].Session, or the command's --session.
	RememberIdle, RememberAbsolute time.Duration

	// Version numbers the form of the application's data: 0, or up to 999,999,999. Add one when a new form can't be read by T as
	// fields that were added or taken away can, and let Migrate bring data of an older version into the new form.
	Version int

	// Migrate gets the data of a session with a lower version, as JSON, and returns it in the form of Version. Sessions
	// that were sealed without one have version 0. An error makes the session anonymous and is an [EventRefused]; it
	// says what is wrong without the data, of which only the error's type is told. It is called once for a request that
	// uses its session, must not use that, and be safe for concurrent use.
	//
	// A session keeps its old data and version until Data is changed: while both versions of a program run, a renewal
	// takes nothing from the older one. Data of a higher version is read as it is, or refused if it is of another type.
	Migrate func(version int, data []byte) ([]byte, error)

	// Revocation, if not nil, is asked about every session before it is accepted, and told when one ends. Without it,
	// ending a session deletes the cookie, and a copy of the cookie stays good until it expires.
	Revocation Revocation

	// Takeover, if not nil, is where sessions of another system come from, such as that of Express: see package
	// expressbridge, which makes one. It is asked when a handler asks for its session and nobody is signed in by a
	// cookie of the jar. ReadOnly jars have none.
	//
	// If it does not know when a session was signed in, [Session.AuthTime] is when the session was taken over, [Jar.CheckRecent]
	// returns [ErrStale], and any revocation of the subject, of a group or of all that is still remembered refuses it.
	Takeover takeover.Source

	// Spill is a store for sessions that do not fit into their cookie, or for all. Without one the former are
	// [ErrTooLarge]. Set it on all nodes before one of them writes to it: a node without refuses such sessions.
	Spill spill.Options

	// Logger gets what Observe gets, in words: failures as errors, overruled headers and changes that came too late as
	// warnings, refused cookies as information, and the rest for debugging. Nil means [slog.Default] at the time of [New].
	Logger *slog.Logger

	// Observe, if not nil, is called for every event, during the request: it must be quick, safe for concurrent use, and
	// must not use the session. A panic of it is not caught: it goes the way of the handler's own.
	Observe func(Event)

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Revocation is a list of sessions that are refused before their time: [revocation.List], [revocation.Direct] or, for a single
// process, [revocation.Memory]. All methods must be safe for concurrent use.
//
// Two more are used if a list has them. Confirm, like Check, says whether it knows that the session lives, where Check may let it
// pass for want of knowledge; such a session is not prolonged. Outlive(time.Duration) is called by [New] with the longest
// time for which the jar may accept a session.
type Revocation interface {
	// Check returns nil if the session lives, an error that matches [revocation.ErrRevoked] if it was revoked, and any other
	// error if that can't be told. It is called for every request that uses its session, after the token was verified.
	Check(context.Context, revocation.Claims) error

	// Revoke records the entry. Nil means that it is durable and that Check knows it.
	Revoke(context.Context, revocation.Entry) error
}

// config is Options, checked and completed. It does not depend on the type of the data.
type config struct {
	keys               keys.Source
	codec, bearerCodec *token.Codec // for cookies, and for header
	header, renewed    string       // canonical names of headers, or empty
	readOnly           bool
	cookie             cookieForm
	normal, remembered lifetime
	renewal            float64
	version            int
	migrate            func(int, []byte) ([]byte, error)
	revocation         Revocation
	takeover           takeover.Source
	issuer             string
	spill              *spilling // nil: there is none
	logger             *slog.Logger
	observe            func(Event)
	ending             sync.Mutex // see endOthers
	now                func() time.Time
	machineClock       bool // now is time.Now
}

func newConfig(o Options) (*config, error) {
	c := &config{
		keys: o.Keys, version: o.Version, migrate: o.Migrate, readOnly: o.ReadOnly, revocation: o.Revocation,
		takeover: o.Takeover, issuer: o.Issuer,
		logger: o.Logger, observe: o.Observe, now: o.Now,
	}
	switch {
	case isNil(o.Keys):
		return nil, errors.New("sealjar: Options.Keys is missing")
	case o.Keys.Ring() == nil || len(o.Keys.Ring().Keys()) == 0:
		return nil, errors.New("sealjar: Options.Keys gives no keys")
	case !o.ReadOnly && !slices.ContainsFunc(o.Keys.Ring().Keys(), (*keys.Key).CanSign):
		return nil, errors.New("sealjar: Options.Keys can only open: set Options.ReadOnly")
	}
	if o.Revocation != nil && isNil(o.Revocation) {
		return nil, fmt.Errorf("sealjar: Options.Revocation is a nil %T", o.Revocation)
	}
	switch {
	case o.Takeover == nil:
	case isNil(o.Takeover):
		return nil, fmt.Errorf("sealjar: Options.Takeover is a nil %T", o.Takeover)
	case o.ReadOnly:
		return nil, errors.New("sealjar: Options.Takeover needs a jar that writes, and Options.ReadOnly is set")
	}
	if c.now == nil {
		c.now, c.machineClock = time.Now, true
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	c.normal = lifetime{idle: orDefault(o.Idle, defaultIdle), absolute: orDefault(o.Absolute, defaultAbsolute)}
	c.remembered = lifetime{
		idle: orDefault(o.RememberIdle, defaultRememberIdle), absolute: orDefault(o.RememberAbsolute, defaultRememberAbsolute),
	}
	if o.Idle == 0 {
		c.normal.idle = min(c.normal.idle, c.normal.absolute)
	}
	if o.RememberIdle == 0 {
		c.remembered.idle = min(c.remembered.idle, c.remembered.absolute)
	}
	if c.renewal = o.Renewal; o.Renewal == 0 {
		c.renewal = defaultRenewal
	}
	if !(c.renewal > 0 && c.renewal <= 1) {
		return nil, fmt.Errorf("sealjar: Options.Renewal is %v: want more than 0 and at most 1, or 0 for %v", o.Renewal, defaultRenewal)
	}
	switch {
	case o.Version < 0 || o.Version > maxVersion:
		return nil, fmt.Errorf("sealjar: Options.Version is %d: want 0 to %d", o.Version, maxVersion)
	case o.Migrate != nil && o.Version == 0:
		return nil, errors.New("sealjar: Options.Migrate needs Options.Version")
	}
	if err := c.checkLifetimes(); err != nil {
		return nil, err
	}
	var err error
	if c.cookie, err = newCookieForm(o.Cookie); err != nil {
		return nil, err
	}
	// The purpose and the name of the cookie are bound into the token: a cookie that is copied to another name, or
	// a token of this ring that was made for something else, is refused.
	c.codec, err = token.New(token.Config{
		Keys: o.Keys, Issuer: o.Issuer, Audience: "session/" + c.cookie.name, Now: c.now, MaxLength: c.cookie.maxToken(),
	})
	if err != nil {
		return nil, fmt.Errorf("sealjar: Options: %w", err)
	}
	if err := errors.Join(c.setHeaders(o), c.setSpill(o)); err != nil {
		return nil, err
	}
	source, ok := o.Keys.(interface {
		Require(longest time.Duration, now time.Time) error
	})
	if ok && !o.AllowShortKeys {
		if err := source.Require(c.longest(), c.now()); err != nil {
			return nil, fmt.Errorf("sealjar: Options.Keys: %w (or set Options.AllowShortKeys)", err)
		}
	}
	if list, ok := c.revocation.(interface{ Outlive(time.Duration) }); ok {
		list.Outlive(c.forget())
	}
	return c, nil
}

// isNil also finds the nil pointer in an interface.
func isNil(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

func (c *config) checkLifetimes() error {
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"Idle", c.normal.idle},
		{"Absolute", c.normal.absolute},
		{"RememberIdle", c.remembered.idle},
		{"RememberAbsolute", c.remembered.absolute},
	} {
		if f.value < time.Second || f.value > maxLifetime {
			return fmt.Errorf("sealjar: Options.%s is %v: want 1s to %v", f.name, f.value, maxLifetime)
		}
	}
	switch {
	case c.normal.idle > c.normal.absolute:
		return fmt.Errorf("sealjar: Options.Idle (%v) is longer than Options.Absolute (%v)", c.normal.idle, c.normal.absolute)
	case c.remembered.idle > c.remembered.absolute:
		return fmt.Errorf("sealjar: Options.RememberIdle (%v) is longer than Options.RememberAbsolute (%v)",
			c.remembered.idle, c.remembered.absolute)
	}
	return nil
}

// longest is how long any session of this jar can live.
func (c *config) longest() time.Duration { return max(c.normal.absolute, c.remembered.absolute) }
