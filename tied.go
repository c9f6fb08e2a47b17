package sealjar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sealjar/sealjar/takeover"
)

// askAlive asks whether the session elsewhere lives, when a renewal would be due since it was last asked. That is when
// the session is loaded and not when it is renewed, so that no handler takes somebody for signed in who is not.
func (s *record) askAlive() {
	l := s.base.link
	if l == nil || l.name == "" {
		return
	}
	idle := s.config.lifetimeOf(s.base.remember, s.base.lifetime).idle
	wait := time.Duration(float64(idle) * min(s.config.renewal, defaultRenewal))
	source, ok := s.config.takeover.(interface {
		Lives(r *http.Request, link string) time.Duration
	})
	if ok {
		switch lives := source.Lives(s.requestOfOther(), l.name); {
		case lives > 0:
			wait = min(wait, lives/4) // so that use here comes in time to prolong it
		case lives < 0:
			wait = min(wait, anotherWait)
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
		if s.row != nil {
			_ = s.dropRow(s.ctx, s.row.id) // which tells
		}
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

// anotherWait is how often it is asked about a session while the request brings another one of the other system.
const anotherWait = 10 * time.Second

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

// undoOther ends what beginOther has made for a token that does not leave.
func (s *record) undoOther(ctx context.Context) {
	if s.other == nil || !s.other.begun {
		return
	}
	name, nothing := s.linked(), s.request.Clone(s.ctx)
	nothing.Header.Del("Cookie") // the request's own sessions stay
	s.other.begun, s.link = false, s.linkAlone()
	if err := s.config.takeover.End(ctx, nothing, name); err != nil {
		s.otherFailed(err)
	}
}

// tellOther says what the response does with a session that comes from the other system, or is tied to one there. data is
// what Data encodes to, which the token may have in an older form.
func (s *record) tellOther(ctx context.Context, h http.Header, data []byte, changed bool) {
	o, name := s.other, s.linked()
	if o == nil {
		o = &other{}
	}
	if s.config.takeover == nil || !o.taken && (name == "" || !o.begun && !o.asked && !changed) {
		return
	}
	before := len(h["Set-Cookie"])
	err := s.config.takeover.Sealed(ctx, h, takeover.Sealed{
		Request: s.requestOfOther(), Link: name, Subject: s.subject, Data: data,
		Taken: o.taken, Begun: o.begun, Asked: o.asked, Changed: changed, Active: s.active, Now: s.now,
	})
	if len(h["Set-Cookie"]) != before {
		s.forbidStoring(h)
	}
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
