package sealjar

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/revocation"
)

// SignIn makes subject the owner of the session. Call it after the password, or whatever it is, was right.
//
// The session always gets a new id, so that one which somebody planted in the browser before is worth nothing afterwards
// (session fixation), and its absolute lifetime starts anew. Data stays, so a basket that was filled before survives, unless
// another subject was signed in: then everything of theirs is removed.
//
// Methods says how it was shown who the user is, in the words of RFC 8176 such as "pwd", "otp" and "hwk": at most 8 of
// 1 to 32 bytes of UTF-8. For a second factor, or to ask for the password again, sign the same subject in once more:
//
//	err := session.SignIn(ctx, session.Subject(), append(session.Methods(), "otp")...)
//
// With [Options.Takeover] what the request brings of the other system ends; if that fails, an [EventEnded] says so.
//
// The session that it leaves is revoked, as by [Session.End]. If that fails, SignIn returns the error and changes
// nothing. It returns [ErrHeadersSent] after the header has left, [ErrUnavailable] if the session could not be checked
// or the store of [Options].Spill, in which it is, fails, [ErrRevoked] if the subject's sessions are revoked into the
// future, and an error for a subject that is empty, longer than 255 bytes or not UTF-8, and for methods out of their
// limits.
func (s *record) SignIn(ctx context.Context, subject string, methods ...string) error {
	s.mu.Lock()
	defer s.unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if err := errors.Join(checkSubject(subject), checkMethods(methods)); err != nil {
		return err
	}
	authTime, err := s.config.firstAlive(ctx, revocation.Claims{Subject: subject, Groups: s.groups}, s.config.now())
	if err != nil {
		return s.refused(ctx, subject, err)
	}
	// What somebody makes of the session at this moment elsewhere does not go on beside the new one.
	spare, err := s.makeSpare(ctx, "", s.linkAlone())
	if err != nil {
		return err
	}
	if err := s.quit(ctx, "signed in anew"); err != nil {
		s.keepSpare(ctx, spare)
		s.dropSpare(ctx)
		return err
	}
	s.keepSpare(ctx, spare)
	_ = s.endOther(ctx) // an event tells; the new session is not tied to it, and shadows it
	if s.subject != "" && s.subject != subject {
		if s.spare != nil {
			s.spare.text = "" // it is good only for having found the store at work: what was somebody else's goes to nobody
		}
		s.reset()
	}
	s.id, s.subject, s.authTime, s.active = newID(), subject, authTime, true
	s.methods, s.survived, s.origin = slices.Clone(methods), time.Time{}, ""
	return nil
}

// Methods returns those by which the session was signed in (amr in OpenID Connect): see [Session.SignIn].
func (s *record) Methods() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.methods)
}

func checkMethods(methods []string) error {
	if len(methods) > 8 {
		return errors.New("sealjar: a session has at most 8 methods")
	}
	for _, m := range methods {
		if m == "" || len(m) > 32 || !utf8.ValidString(m) {
			return errors.New("sealjar: a method has 1 to 32 bytes of UTF-8")
		}
	}
	return nil
}

func checkSubject(subject string) error {
	if subject == "" || len(subject) > 255 || !utf8.ValidString(subject) {
		return errors.New("sealjar: a subject has 1 to 255 bytes of UTF-8")
	}
	return nil
}
