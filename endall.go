package sealjar

import (
	"context"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// EndAll revokes all sessions of a subject that were signed in until now, on every device. Nil means that it is durable. A
// session that the subject signs in after that is good, even within the same millisecond.
//
// Clocks may differ by [token.Leeway], so the cutoff lies that far ahead: a node with a fast clock may have signed somebody
// in a moment ago with a later time. Who signs in again before that gets an [Session.AuthTime] just after the cutoff.
//
// The cookie of the request at hand is not deleted: call [Session.End] too, or to stay [Session.SignIn], after the user has shown
// again who they are. [Jar.EndOthers] spares the session at hand.
// It returns [ErrNoRevocation] without [Options.Revocation].
func (j *Jar[T]) EndAll(ctx context.Context, subject string) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	if j.config.revocation == nil {
		return ErrNoRevocation
	}
	_, err := j.config.endAll(ctx, subject, "all sessions ended")
	j.config.emit(Event{Kind: EventEnded, Subject: subject, Err: err, Context: ctx})
	return err
}

func (c *config) endAll(ctx context.Context, subject, reason string) (cutoff time.Time, err error) {
	// After an earlier EndAll there may be sessions with a time just after its cutoff, so this one's lies after that.
	cutoff = c.now().Add(token.Leeway).Truncate(time.Millisecond)
	if later, err := c.firstAlive(context.WithoutCancel(ctx), revocation.Claims{Subject: subject}, cutoff); err == nil {
		cutoff = later
	}
	return cutoff, c.revoke(ctx, revocation.Entry{
		Kind: revocation.Subject, Name: subject, Cutoff: cutoff, Until: cutoff.Add(c.forget()), Reason: reason,
	})
}

// EndOthers ends all sessions of the subject of s but s itself, on every device. S gets a new id, as with [Session.Renew], so that
// copies of its cookie are among those that end. Nil means that it is durable. With an error the others may live: call it again.
//
// It proves nothing about who asks. AuthTime, Methods and the absolute lifetime stay as they are, so that a thief does not pass
// for somebody who has just signed in, and revocations of the groups, the key or all sessions are not outlived either. After
// a change of the password, prefer [Jar.EndAll] and [Session.SignIn]: with EndOthers it is the user who is signed out if the
// thief is first. And before this process has learned of an EndAll elsewhere, EndOthers spares a session that it has ended.
//
// It returns [ErrAnonymous] if nobody is signed in, [ErrNoRevocation] without [Options.Revocation], and what [Session.Renew] returns.
func (j *Jar[T]) EndOthers(ctx context.Context, s *Session[T]) error { return s.endOthers(ctx) }

func (s *record) endOthers(ctx context.Context) error {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.subject == "" && s.writable() == nil:
		return ErrAnonymous
	case s.config.revocation == nil:
		return ErrNoRevocation
	}
	if err := s.renew(ctx, "other sessions ended"); err != nil {
		return err
	}
	cutoff, err := s.config.endAll(ctx, s.subject, "other sessions ended")
	s.survived = latest(s.survived, cutoff.Add(time.Millisecond)) // also if it failed: others may know of it in spite of that
	s.note(Event{Kind: EventEnded, Subject: s.subject, Err: err, Context: ctx})
	return err
}
