package sealjar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sealjar/sealjar/internal/strictjson"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/takeover"
	"github.com/sealjar/sealjar/token"
)

// other is what a request has to do with the system that Options.Takeover takes sessions over from.
type other struct {
	taken   bool      // the session comes from there, and no cookie has it yet
	expiry  time.Time // when it would end there
	asked   bool      // whether the link holds, and it does
	doubt   bool      // nobody could tell
	begun   bool      // the link is to one that was made for this session
	ended   bool      // what the request brought was ended there, so its cookie goes
	unended string    // a link to what could not be ended
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
		there, err = s.findRow(&found)
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
// with the old cookie again must not bring back what was before.
func (s *record) findRow(f *takeover.Session) (*row, error) {
	if s.config.spill == nil {
		return nil, nil
	}
	claims := token.Claims{SessionID: f.ID, Subject: f.Subject, IssuedAt: s.now}
	there, err := s.getRow(s.ctx, &claims, &state{})
	if there == nil || err != nil {
		return nil, err
	}
	claims.AuthTime, claims.Expiry = there.authTime, there.expiry
	if _, err = s.endOf(&claims, &there.state); err == nil {
		err = s.ask(&claims, &there.state)
	}
	return there, err
}

// take makes the session that of this request, as its row has it if there is one. It counts as changed until a cookie has it.
func (s *record) take(f *takeover.Session, there *row, origin string) {
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
	s.other = &other{taken: true, expiry: f.Expiry}
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

// askAlive asks whether the session elsewhere lives, when a renewal would be due since it was last asked. That is when
// the session is loaded and not when it is renewed, so that no handler takes somebody for signed in who is not.
func (s *record) askAlive() {
	l := s.base.link
	if l == nil || l.name == "" {
		return
	}
	idle := s.config.lifetimeOf(s.base.remember, s.base.lifetime).idle
	wait := time.Duration(float64(idle) * min(s.config.renewal, defaultRenewal))
	if source, ok := s.config.takeover.(interface{ Lives(string) time.Duration }); ok {
		if lives := source.Lives(l.name); lives > 0 {
			wait = min(wait, lives/4) // so that use here comes in time to prolong it
		}
	}
	if s.now.Sub(l.asked) < wait {
		return
	}
	name, err := s.config.takeover.Alive(s.ctx, l.name, s.claims.Subject, s.now)
	if err == nil && !validLink(name) {
		err = errState
	}
	switch {
	case errors.Is(err, takeover.ErrEnded):
		claims := s.claims
		s.forget()
		s.ended = true // the cookie is deleted: it must not come back to life when the other system does not answer
		s.refuse(&claims, &refusal{ErrRevoked, err})
	case err != nil:
		s.elsewhere().doubt = true
		s.otherFailed(err)
	default:
		s.elsewhere().asked = true
		s.link = &link{name: name, asked: s.now, undated: l.undated}
	}
}

// keepOther has the other session prolonged with the next request that is activity, if the one that asked about it was
// none. Otherwise a page that polls, which asks nearly always first, would let the other session of a busy user run
// out.
func (s *record) keepOther() {
	switch l, o := s.link, s.other; {
	case !s.loaded || l == nil || l.name == "" || o != nil && o.doubt:
	case !s.active && o != nil && o.asked:
		l.passive = true
	case s.active && l.passive:
		s.link = &link{name: l.name, asked: l.asked, undated: l.undated}
		s.elsewhere().asked = true
	}
}

func (s *record) otherFailed(err error) {
	s.note(Event{
		Kind: EventUnwritten, Err: &refusal{ErrUnavailable, err}, SessionID: s.claims.SessionID, Subject: s.claims.Subject, KeyID: s.claims.KeyID, Renewal: true,
	})
}

// requestOfOther is what the other system sees of the request. With a token in a header cookies count for nothing, and
// that is so for its own as well: somebody else may be signed in by them.
func (s *record) requestOfOther() *http.Request {
	if !s.broughtToken() {
		return s.request
	}
	r := s.request.Clone(s.ctx)
	r.Header.Del("Cookie")
	return r
}

// endOther ends what the session is tied to, and what else the request brings of the other system: it would be taken
// over by the next one.
func (s *record) endOther(ctx context.Context) error {
	if s.config.takeover == nil {
		return nil
	}
	o := s.elsewhere()
	name := s.linked()
	if name == "" {
		name = o.unended
	}
	o.taken, o.asked, o.ended, o.unended, s.link = false, false, true, "", nil
	if err := s.config.takeover.End(ctx, s.requestOfOther(), name); err != nil {
		o.unended = name
		err = fmt.Errorf("sealjar: the session that it was taken over from is not ended: %w", err)
		s.note(Event{Kind: EventEnded, SessionID: s.claims.SessionID, Subject: s.claims.Subject, Err: err, Context: ctx})
		return err
	}
	return nil
}

// clearOther deletes the other system's cookie if what it names was ended.
func (s *record) clearOther(h http.Header) {
	if s.other == nil || !s.other.ended || s.broughtToken() {
		return
	}
	before := len(h["Set-Cookie"])
	if s.config.takeover.Clear(h, s.request); len(h["Set-Cookie"]) != before {
		s.forbidStoring(h)
	}
}

// beginOther makes a session in the other system for one that began here, if the source does that.
func (s *record) beginOther(ctx context.Context, data []byte) {
	if s.config.takeover == nil || s.byHeader || s.subject == "" || s.linked() != "" || s.taken() {
		return
	}
	name, err := s.config.takeover.Begin(ctx, s.subject, data, s.now)
	if err == nil && !validLink(name) {
		err = errState
	}
	if err != nil {
		s.otherFailed(err)
		return
	}
	if name != "" {
		s.link = &link{name: name, asked: s.now, undated: s.link != nil && s.link.undated}
		s.elsewhere().begun = true
	}
}

// tellOther says what the response does with a session that comes from the other system, or is tied to one there.
func (s *record) tellOther(ctx context.Context, h http.Header, changed bool) {
	o, name := s.other, s.linked()
	if o == nil {
		o = &other{}
	}
	if s.config.takeover == nil || !o.taken && (name == "" || !o.begun && !o.asked && !changed) {
		return
	}
	err := s.config.takeover.Sealed(ctx, h, takeover.Sealed{
		Request: s.requestOfOther(), Link: name, Subject: s.subject, Data: s.base.data,
		Taken: o.taken, Begun: o.begun, Asked: o.asked, Changed: changed, Active: s.active, Now: s.now,
	})
	o.taken, o.begun, o.asked = false, false, false
	if err != nil {
		s.otherFailed(err)
	}
}

// linkToSeal is the link for the next token: without a source nobody could use its name.
func (s *record) linkToSeal() *link {
	if s.link == nil || s.config.takeover != nil {
		return s.link
	}
	return s.linkAlone()
}

// linkAlone is the link without what it leads to.
func (s *record) linkAlone() *link {
	if s.link == nil {
		return nil
	}
	return &link{undated: s.link.undated}
}

// undated reports whether authTime is not when the session was signed in, but when it was taken over.
func (s *record) undated() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link != nil && s.link.undated
}
