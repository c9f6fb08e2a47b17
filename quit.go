package sealjar

import (
	"context"

	"github.com/sealjar/sealjar/revocation"
)

// hasLeft reports whether the session has another id than the one that the client holds, if it holds one.
func (s *record) hasLeft() bool {
	held := s.claims.SessionID
	return held == "" || (s.loaded || s.taken()) && s.id != held
}

// leave revokes the id that the client holds, unless the session has left it before. The session may live on under another one.
func (s *record) leave(ctx context.Context, reason string) error {
	if s.hasLeft() {
		return nil
	}
	err := s.revokeID(ctx, s.claims.SessionID, reason)
	s.noteEnd(ctx, err)
	return err
}

// quit revokes what the client holds, and all that becomes of it: a node that does not know yet may be renewing it into a
// session with an id that nobody here has heard of. By its origin that one is refused as well.
func (s *record) quit(ctx context.Context, reason string) error {
	left := s.hasLeft()
	if left && s.origin == "" {
		return nil // SignIn has quit it, or there is none
	}
	var err error
	if !left {
		err = s.revokeID(ctx, s.claims.SessionID, reason)
	}
	if err == nil {
		origin := s.base.origin
		if origin == "" {
			origin = revocation.OriginOf(s.claims.SessionID)
		}
		err = s.revokeID(ctx, origin, reason+", with all that it is renewed into")
	}
	if !left || err != nil {
		s.noteEnd(ctx, err)
	}
	return err
}

func (s *record) revokeID(ctx context.Context, name, reason string) error {
	if s.config.revocation == nil {
		return nil
	}
	now := s.config.now()
	return s.config.revoke(ctx, revocation.Entry{
		Kind: revocation.Session, Name: name, Cutoff: latest(now, s.claims.AuthTime), Until: now.Add(s.config.forget()), Reason: reason,
	})
}

func (s *record) noteEnd(ctx context.Context, err error) {
	c := &s.claims
	s.note(Event{Kind: EventEnded, SessionID: c.SessionID, Subject: c.Subject, KeyID: c.KeyID, Err: err, Context: ctx})
}
