package sealjar

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealjar/sealjar/internal/strictjson"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/takeover"
	"github.com/sealjar/sealjar/token"
)

// other is what a request has to do with the system that Options.Takeover takes sessions over from.
type other struct {
	taken    bool      // the session comes from there, and no cookie has it yet
	expiry   time.Time // when it would end there
	asked    bool      // whether the link holds, and it does
	doubt    bool      // nobody could tell
	begun    bool      // the link is to one that was made for this session
	ended    bool      // what the request brought was ended there, so its cookie goes
	unended  string    // a link to what could not be ended
	replaces string    // the id of an anonymous session in the store whose place this one takes
}

func (s *record) elsewhere() *other {
	if s.other == nil {
		s.other = new(other)
	}
	return s.other
}

// taken reports whether the session was taken over by this request and is in no cookie yet.
func (s *record) taken() bool { return s.other != nil && s.other.taken }

// linked is the name of the session elsewhere that ends with this one.
func (s *record) linked() string {
	if s.link == nil {
		return ""
	}
	return s.link.name
}

// takeOver asks the other system: about the session at hand if it is tied to one there, and for one if nobody is signed
// in here. A session of the jar with a subject is never replaced.
func (s *record) takeOver() {
	if s.loaded {
		s.askAlive()
	}
	if s.byHeader || s.loaded && s.claims.Subject != "" || errors.Is(s.err, ErrUnavailable) {
		return
	}
	var origin string
	found, err := s.config.takeover.Find(s.ctx, s.request, s.now)
	switch {
	case errors.Is(err, takeover.ErrNone), err == nil && s.loaded && found.Subject == "":
		return
	case errors.Is(err, takeover.ErrPassedOver):
		s.note(Event{Kind: EventRefused, Err: &refusal{ErrUnavailable, err}})
		return
	case err != nil:
		err = refuseFound(err)
	default:
		origin, err = s.checkFound(&found)
	}
	var there *row
	if err == nil {
		there, origin, err = s.findRow(&found, origin)
	}
	if err == nil {
		s.take(&found, there, origin)
		return
	}
	claims := token.Claims{SessionID: found.ID, Subject: found.Subject}
	if s.loaded && !errors.Is(err, ErrUnavailable) {
		s.note(Event{Kind: EventRefused, Err: err, SessionID: claims.SessionID, Subject: claims.Subject})
		return // an anonymous session stays what it is
	}
	if s.loaded {
		s.forget() // somebody may be signed in, so that what this one would write could take their place
	}
	if errors.Is(err, ErrUnavailable) {
		s.claims = claims // so that End can revoke it
	}
	s.refuse(&claims, err)
}

func refuseFound(err error) error {
	switch {
	case errors.Is(err, takeover.ErrRefused):
		return &refusal{ErrInvalid, err}
	case errors.Is(err, takeover.ErrEnded):
		return &refusal{ErrExpired, err}
	}
	return &refusal{ErrUnavailable, err}
}

// checkFound says what is wrong with a session of the other system, or what its first id was if it is not the one that it has.
func (s *record) checkFound(f *takeover.Session) (origin string, err error) {
	err = errors.Join(checkMethods(f.Methods), checkGroups(f.Groups))
	if f.Subject != "" {
		err = errors.Join(err, checkSubject(f.Subject))
	}
	if !isID(f.ID) || !validLink(f.Link) {
		err = errors.Join(err, errors.New("sealjar: the id or the link of a session to take over is out of its limits"))
	}
	if err == nil {
		err = strictjson.Check(slices.Concat([]byte("[["), f.Data, []byte("]]"))) // it stands that deep among the claims
	}
	if err != nil {
		return "", &refusal{ErrInvalid, err}
	}
	f.ID = s.config.takenID(f)
	trial, err := s.data.canonical(f.Data)
	if err != nil {
		return "", &refusal{ErrInvalid, fmt.Errorf("its data is of another type: %w", errNoText(err))}
	}
	trial.release()

	since := time.UnixMilli(1) // who does not know when it was signed in refuses it by whatever was revoked since ever
	if !f.AuthTime.IsZero() {
		since = earliest(f.AuthTime, s.now)
		if absolute := s.config.lifetimeOf(f.Remember, 0).absolute; !s.now.Before(since.Add(absolute + token.Leeway)) {
			return "", refusals[token.ErrExpired]
		}
	}
	return s.aliveFound(f, since)
}

// takenID is the sid of a session that is taken over. Each jar has its own, as several may share a list or a store, and each
// sign-in, where the other system keeps its id.
func (c *config) takenID(f *takeover.Session) string {
	since := int64(0)
	if !f.AuthTime.IsZero() {
		since = f.AuthTime.UnixMilli()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "sealjar takeover sid\x00%s\x00%s\x00%s\x00%d", c.issuer, c.cookie.name, f.ID, since))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// aliveFound asks the list about a session of the other system. One that was only renewed here, and whose user comes with
// the old cookie alone after working there, gets another id. Its first one stays the refused one, so that whoever ends any
// of them ends them all.
func (s *record) aliveFound(f *takeover.Session, since time.Time) (origin string, err error) {
	claims := revocation.Claims{SessionID: f.ID, Subject: f.Subject, Groups: f.Groups, AuthTime: since}
	err = s.config.alive(s.ctx, claims, time.Time{})
	var by *revocation.Refusal
	if !f.Parallel || !errors.As(err, &by) || by.Kind != revocation.Renewed {
		return "", err
	}
	claims.SessionID, claims.Origin = newID(), f.ID
	if err = s.config.alive(s.ctx, claims, time.Time{}); err != nil {
		return "", err // something else was revoked too
	}
	origin, f.ID = f.ID, claims.SessionID
	return origin, nil
}

// findRow looks for what has become of the session in the store since it was taken over for the first time: who comes
// with the old cookie again must not bring back what was before. A row that is over, as a cookie would be, or whose key is
// gone keeps nobody out: the session gets another id, and ends as if it had that one.
func (s *record) findRow(f *takeover.Session, first string) (there *row, origin string, err error) {
	if s.config.spill == nil {
		return nil, first, nil
	}
	claims := token.Claims{SessionID: f.ID, Subject: f.Subject, IssuedAt: s.now}
	if there, err = s.getRow(s.ctx, &claims, &state{}); there != nil {
		claims.AuthTime, claims.Expiry = there.authTime, there.expiry
		if _, err = s.endOf(&claims, &there.state); err == nil {
			err = s.ask(&claims, &there.state)
		}
	}
	if err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRevoked) {
		return there, first, err
	}
	if !errors.Is(err, ErrExpired) {
		s.note(Event{Kind: EventRefused, Err: err, SessionID: f.ID, Subject: f.Subject})
	}
	first, f.ID = cmp.Or(first, f.ID), newID()
	return nil, first, nil
}

// take makes the session that of this request, as its row has it if there is one. It counts as changed until a cookie has it.
func (s *record) take(f *takeover.Session, there *row, origin string) {
	replaces := ""
	if s.row != nil && s.row.id != f.ID {
		replaces = s.row.id
	}
	s.forget()
	if there == nil || !s.adopt(there) {
		s.exact, _ = s.data.decode(f.Data) // which checkFound has tried
		if !f.AuthTime.IsZero() {
			s.authTime = earliest(f.AuthTime, s.now).Truncate(time.Millisecond)
		}
		s.remember, s.groups, s.methods = f.Remember, slices.Clone(f.Groups), slices.Clone(f.Methods)
		s.base = state{data: f.Data, remember: f.Remember, groups: f.Groups, methods: f.Methods, origin: origin, version: s.config.version}
		s.origin = origin
	}
	s.err, s.ended = nil, false
	s.id, s.subject = f.ID, f.Subject
	s.claims = token.Claims{SessionID: s.id, Subject: s.subject, AuthTime: s.authTime}
	s.link = &link{name: f.Link, asked: s.now, undated: f.AuthTime.IsZero()}
	s.other = &other{taken: true, expiry: f.Expiry, replaces: replaces}
	s.note(Event{Kind: EventOpened, SessionID: s.id, Subject: s.subject, TakenOver: true})
}

// adopt takes what a row holds, unless it is of another type.
func (s *record) adopt(there *row) bool {
	s.base = there.state
	if err := s.decode(); err != nil {
		s.forget()
		return false
	}
	s.row, s.authTime, s.survived, s.origin = there, there.authTime, s.base.survived, s.base.origin
	s.remember, s.lifetime, s.methods = s.base.remember, s.base.lifetime, s.base.methods
	s.groups, s.left = slices.Clone(s.base.groups), s.base.flashes
	return true
}
