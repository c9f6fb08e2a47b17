package sealjar

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/token"
)

// Session is what a browser's cookie says, for the time of one request. Change Data, and what it holds when the response
// header leaves is sealed into the cookie, if it has changed.
//
// Sessions come from a jar: the zero value is not usable. Methods are safe for concurrent use; Data is a plain field
// and is not. Leave it alone once the handler has returned.
type Session[T any] struct {
	// Data is the application's own state. It never has the data of another subject: see [Session.SignIn].
	Data T

	record
	text jsonText[T]
}

// record is all of a session but the type of its data.
type record struct {
	mu      sync.Mutex
	config  *config
	data    dataText
	ctx     context.Context // the request's
	request *http.Request
	now     time.Time // when it was loaded
	prompt  bool      // which was a moment ago, by the machine's clock

	// What the client holds.
	err      error        // why it is nothing
	loaded   bool         // it is a good session: claims, base and end are of it
	held     client       // its cookies, good or not
	claims   token.Claims // also of a session that could not be checked with the list
	base     state
	row      *row   // of the store: of base, or of what has been written since; nil: none is known
	spare    *made  // what it gets if that is revoked and nothing else can be written; nil: nothing
	migrated []byte // what Options.Migrate has made of base.data; nil: nothing
	end      time.Time

	// What the session is now, besides Data.
	id, subject string // id is empty until somebody asks for it
	authTime    time.Time
	survived    time.Time // later than authTime: revocations of the subject before it spare the session
	methods     []string  // by which it was signed in
	origin      string    // its first id, once it was renewed
	remember    bool
	lifetime    time.Duration
	groups      []string
	maxAge      time.Duration
	left, added []Flash // messages of earlier requests that were not read, and of this one
	slots       []slot  // once they were read: in the order of their names
	link        *link   // where it was taken over from
	other       *other  // what this request has to do with that; nil: nothing

	events     []Event  // that are to be told when no lock is held
	eventSpace [1]Event // most requests have no more

	// Bits of all that, in one place because a request that does not use its session pays for their room too.
	byHeader  bool // its way is not a cookie but Options.Header, and back
	exact     bool // what Data was decoded from is as this version of T writes it
	slotsRead bool // slots holds all
	slotsSet  bool // and may be others than those of base
	visited   bool // it belongs to a visit, which commits it
	active    bool // the request counts as activity
	reference bool // the client's token only refers to a row
	fresh     bool // and says what the row says
	ended     bool // the client's session was ended
	handed    bool // Jar.Seal has given the client its token
	sent      bool // the header has left
	quiet     bool // it was told already that changes are not written
	stale     bool // CheckRecent found that it was signed in longer ago than maxAge
}

// dataText reads and writes Data as JSON.
type dataText interface {
	encode() (*encoded, error)
	decode([]byte) (exact bool, err error)
	canonical([]byte) (*encoded, error)
	isZero([]byte) bool
	clear()
}

// Err says why the request has no session of the client's: [ErrNone], [ErrInvalid], [ErrExpired], [ErrRevoked] or
// [ErrUnavailable]. It is nil if it has one, and after [Session.End].
func (s *record) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// IsNew reports whether the session began with this request.
func (s *record) IsNew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil || s.ended // and not loaded, which it is too once its first cookie has left
}

// ID names the session (sid). It stays the same until [Session.SignIn], [Session.Renew] or [Session.End]. It is not a
// secret: knowing it gives no access. A new session has a new id in each request until something is written into it: to ask
// for the id alone does not set a cookie.
func (s *record) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ensureID()
}

func (s *record) ensureID() string {
	if s.id == "" {
		s.id = newID()
	}
	return s.id
}

// Subject is who is signed in, empty if nobody is.
func (s *record) Subject() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subject
}

// AuthTime is when the session was signed in, or began if nobody is.
func (s *record) AuthTime() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.authTime
}

// IdleExpiry is when the session ends if no request uses it any more, by what the client holds: the response to this
// request may move it. For a new session it is what will be. A page that counts down asks a route with [Jar.Peek], and
// takes the earlier of this and [Session.AbsoluteExpiry], less the time that has passed.
func (s *record) IdleExpiry() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded && s.id == s.claims.SessionID {
		return s.end
	}
	return s.limits().renewed(s.authTime, s.now)
}

// AbsoluteExpiry is when the session ends in any case.
func (s *record) AbsoluteExpiry() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.authTime.Add(s.limits().absolute)
}

func (s *record) limits() lifetime { return s.config.lifetimeOf(s.remember, s.lifetime) }

// Renew gives the session a new id and keeps everything else. Call it when what the session may do has changed. The
// absolute lifetime goes on. To drop Data as well, [Session.End] it: what is left is an empty session with a new id,
// which may be filled and signed in at once.
//
// The id that it leaves is revoked, so the old cookie can't bring the old state back. If that fails, Renew returns the error
// and changes nothing. It returns [ErrHeadersSent] after the header has left, [ErrUnavailable] if the session could
// not be checked or the store of [Options].Spill, in which it is, fails; and [ErrRevoked] if it was revoked while the
// request was under way.
func (s *record) Renew(ctx context.Context) error {
	s.mu.Lock()
	defer s.unlock()
	return s.renew(ctx, "renewed")
}

func (s *record) renew(ctx context.Context, reason string) error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.recheck(ctx); err != nil {
		return s.refused(ctx, s.subject, err)
	}
	if (s.loaded || s.taken()) && s.unconfirmed() {
		return s.refused(ctx, s.subject, ErrUnavailable) // a session that was ended elsewhere must not live on under another id
	}
	origin := s.origin
	if origin == "" && (s.loaded || s.taken()) {
		origin = s.id
	}
	if !s.hasLeft() {
		spare, err := s.makeSpare(ctx, origin, s.linkToSeal())
		if err != nil {
			return err
		}
		s.keepSpare(ctx, spare)
	}
	if err := s.leave(ctx, reason); err != nil {
		s.dropSpare(ctx)
		return err
	}
	s.id, s.origin, s.active = newID(), origin, true
	return nil
}

// End ends the session: the cookie is deleted, and the session revoked if the jar has a list, so that copies of the
// cookie, older and newer, and requests that are under way with them, are worth nothing either. So are they, with or
// without a list, if the session is in the store of [Options].Spill, from which it is deleted, but for cookies from before
// it went there. What is left is a new, empty session.
//
// With [Options.Takeover] the session that it was taken over from ends too, and any other that the request brings of that system.
//
// If the revocation, or that, fails, or without a list the deletion from the store, the cookie is deleted all the same,
// and the error says that copies may still be good: call End again, in this request. It returns [ErrHeadersSent] if the
// header has left, so that the cookie stays with the client; the session is revoked even then.
func (s *record) End(ctx context.Context) error {
	s.mu.Lock()
	defer s.unlock()
	err := s.quit(ctx, "ended")
	if otherErr := s.endOther(ctx); otherErr != nil {
		err = errors.Join(err, otherErr)
	}
	if dropped := s.dropRows(ctx); s.config.revocation == nil {
		err = errors.Join(err, dropped) // else copies are worth nothing all the same
	}
	if s.config.readOnly {
		return errors.Join(errReadOnly, err)
	}
	if s.sent {
		return errors.Join(ErrHeadersSent, err)
	}
	s.reset()
	s.id, s.subject, s.authTime = "", "", s.config.now().Truncate(time.Millisecond)
	s.err, s.loaded, s.ended = nil, false, true
	if err == nil {
		s.claims, s.row, s.reference = token.Claims{}, nil, false // else the next End or SignIn tries again
	}
	return err
}

// dropRows deletes what the store holds of the client's session.
func (s *record) dropRows(ctx context.Context) (err error) {
	held := s.claims.SessionID
	// One that was just taken over, or handed out by Jar.Seal, may have a row although the client's token does not say so.
	if held != "" && s.config.spill != nil && (s.reference || s.config.spill.always || !s.loaded || s.row != nil && s.row.id == held) {
		err = s.dropRow(ctx, held)
	}
	s.dropSpare(ctx)
	err = errors.Join(err, s.dropReplaced(ctx))
	if s.row != nil && s.row.id != held { // Jar.Seal has written it in this request
		err = errors.Join(err, s.dropRow(ctx, s.row.id))
	}
	return err
}

// reset removes what belongs to a subject.
func (s *record) reset() {
	s.data.clear()
	s.base.data = nil // what this version of T does not know of it
	s.remember, s.lifetime, s.groups, s.left, s.added = false, 0, nil, nil, nil
	s.survived, s.methods, s.origin, s.link = time.Time{}, nil, "", nil
	s.slots, s.slotsRead, s.slotsSet, s.migrated = nil, true, true, nil
}

// Remember makes the session survive the end of the browser and live by [Options.RememberIdle] and
// [Options.RememberAbsolute], or takes that back. Ask the user. It returns [ErrHeadersSent] after the header has left, and
// an error if the session is so old that it would be over without.
func (s *record) Remember(on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if l := s.config.lifetimeOf(on, s.lifetime); on != s.remember && !s.config.now().Before(s.authTime.Add(l.absolute)) {
		return fmt.Errorf("sealjar: with a lifetime of %v from %v on the session is over already: use End or SignIn",
			l.absolute, s.authTime.UTC())
	}
	s.remember = on
	return nil
}

// Remembered reports whether [Session.Remember] is on.
func (s *record) Remembered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remember
}

// SetLifetime gives this session an absolute lifetime of its own, counted from [Session.AuthTime], in whole seconds. It can
// only be shorter than the jar's; a longer one is an error. It returns [ErrHeadersSent] after the header has left.
func (s *record) SetLifetime(d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if most := s.config.lifetimeOf(s.remember, 0).absolute; d < time.Second || d > most {
		return fmt.Errorf("sealjar: a session's own lifetime is 1s to %v, not %v", most, d)
	}
	d = d.Truncate(time.Second)
	if !s.config.now().Before(s.authTime.Add(d)) {
		return fmt.Errorf("sealjar: a lifetime of %v from %v on is over already: use End", d, s.authTime.UTC())
	}
	s.lifetime = d
	return nil
}

// SetGroups names the groups, such as a tenant, a device or a role, under which the session can be revoked together with
// others, in place of those it had. At most 16 of 1 to 64 bytes of UTF-8. It returns [ErrHeadersSent] after the header has left.
func (s *record) SetGroups(groups ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if err := checkGroups(groups); err != nil {
		return err
	}
	s.groups = slices.Clone(groups)
	return nil
}

func checkGroups(groups []string) error {
	if len(groups) > 16 {
		return errors.New("sealjar: a session has at most 16 groups")
	}
	for _, g := range groups {
		if g == "" || len(g) > 64 || !utf8.ValidString(g) {
			return errors.New("sealjar: a group's name has 1 to 64 bytes of UTF-8")
		}
	}
	return nil
}

// Groups returns the names given by [Session.SetGroups].
func (s *record) Groups() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.groups)
}

// touch counts the request as activity.
func (s *record) touch() {
	s.mu.Lock()
	s.active = true
	s.mu.Unlock()
}

// writable says why a change could not reach the client any more.
func (s *record) writable() error {
	if s.config.readOnly {
		return errReadOnly
	}
	if s.sent {
		return ErrHeadersSent
	}
	if errors.Is(s.err, ErrUnavailable) {
		return s.err
	}
	return nil
}

// newID is 128 random bits.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program rather than return an error
	return base64.RawURLEncoding.EncodeToString(b[:])
}
