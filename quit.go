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

// leave revokes the id that the client holds, unless the session has left it before. The session lives on under another one.
func (s *record) leave(ctx context.Context, reason string) error {
	if !s.loaded && !s.taken() {
		return s.quit(ctx, reason) // there is nothing, or End has failed to revoke it
	}
	if s.hasLeft() {
		return nil
	}
	err := s.revoke(ctx, revocation.Renewed, s.claims.SessionID, reason)
	s.noteEnd(ctx, err)
	return err
}

// quit revokes what the client holds, with all that comes of it, by its first id: a node that does not know yet may be renewing
// it into a session with an id that nobody here has heard of. That one still names the first.
func (s *record) quit(ctx context.Context, reason string) error {
	first, left := s.base.origin, s.hasLeft()
	if first == "" {
		first = s.claims.SessionID
	}
	if left && (first == "" || s.origin != first) {
		return nil // there is none, or SignIn has quit it
	}
	err := s.revoke(ctx, revocation.Session, first, reason)
	if !left || err != nil {
		s.noteEnd(ctx, err)
	}
	return err
}

func (s *record) revoke(ctx context.Context, kind revocation.Kind, name, reason string) error {
	if s.config.revocation == nil {
		return nil
	}
	now := s.config.now()
	return s.config.revoke(ctx, revocation.Entry{
		Kind: kind, Name: name, Cutoff: latest(now, s.claims.AuthTime), Until: now.Add(s.config.forget()), Reason: reason,
	})
}

func (s *record) noteEnd(ctx context.Context, err error) {
	c := &s.claims
	s.note(Event{Kind: EventEnded, SessionID: c.SessionID, Subject: c.Subject, KeyID: c.KeyID, Err: err, Context: ctx})
}
