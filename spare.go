package sealjar

import (
	"context"
	"errors"
	"net/http"
)

// makeSpare makes what the client gets if its session moves to another id and then can't be written: what it holds, under
// an id of its own. The one that it holds is revoked before the response is there, so without a spare a store that fails
// would sign users out. What the handler has changed is not in it: half of a sign-in is none. An error says that the store
// fails, so nothing is to be revoked.
//
// What does not fit into a cookie, or must not be there, is written into the store ahead. That row goes once it is not
// needed, or expires.
func (s *record) makeSpare(ctx context.Context, origin string, l *link) (*made, error) {
	now, expiry := s.config.now(), s.end
	if s.taken() {
		expiry = earliest(s.limits().renewed(s.claims.AuthTime, now), s.other.expiry)
	}
	switch {
	case s.config.spill == nil, s.config.revocation == nil && s.config.takeover == nil: // nothing will be revoked, or ended elsewhere
		return nil, nil
	case !s.loaded && !s.taken(), s.base.data == nil, !expiry.After(now): // there is nothing to lose, or not any more
		return nil, nil
	}
	var cookie *cookieForm
	if !s.byHeader {
		var err error
		if cookie, err = s.form(); err != nil {
			return nil, err
		}
	}
	id, subject, authTime := s.id, s.subject, s.authTime
	defer func() { s.id, s.subject, s.authTime = id, subject, authTime }()
	s.id, s.subject, s.authTime = newID(), s.claims.Subject, s.claims.AuthTime
	next := s.base
	next.survived, next.stored, next.origin, next.link = s.survived, 0, origin, l
	var m made
	err := ErrTooLarge
	if !s.config.spill.always {
		if m, err = s.makeToken(next, expiry); err == nil {
			err = s.fits(&m, cookie)
		}
	}
	if errors.Is(err, ErrTooLarge) {
		m, err = s.makeStored(ctx, next, expiry, false, cookie)
	}
	if errors.Is(err, ErrTooLarge) {
		return nil, nil // no outage, and nothing that would be better without the handler's change
	}
	return &m, err
}

// keepSpare puts a spare, which may be nil, in the place of the one before.
func (s *record) keepSpare(ctx context.Context, spare *made) {
	s.dropSpare(ctx)
	s.spare = spare
}

func (s *record) dropSpare(ctx context.Context) {
	if s.spare != nil && s.spare.row != nil {
		_ = s.dropRow(ctx, s.spare.row.id) // which tells; nobody has a reference to it, and it expires
	}
	s.spare = nil
}

// sendSpare puts the spare into the header of a response that says that the session was not written.
func (s *record) sendSpare(h http.Header) {
	m, now := s.spare, s.config.now()
	if m == nil || m.text == "" || !m.claims.Expiry.After(now) || s.byHeader && s.config.renewed == "" {
		return
	}
	if s.byHeader {
		h[s.config.renewed] = []string{m.text}
	} else {
		cookie, err := s.form()
		if err != nil {
			return
		}
		s.held = cookie.set(h, m.text, m.claims.Expiry, now, m.state.remember, s.held)
	}
	s.forbidStoring(h)
}
