package sealjar

import (
	"context"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// EndAll revokes all sessions of a subject that were signed in until now, on every device. Nil means that it is durable. A
// session that the subject signs in after that is good, even within the same millisecond, on this node and on each that has heard
// of it: milliseconds later, or the store's poll. One that has not heard yet signs in a session that ends when it does.
//
// Clocks may differ by [token.Leeway], so the cutoff lies that far ahead: a node with a fast clock may have signed somebody
// in a moment ago with a later time. Who signs in again before that gets an [Session.AuthTime] just after the cutoff.
//
// The cookie of the request at hand is not deleted: call [Session.End] too, or to stay [Session.SignIn], after the user has shown
// again who they are. [Jar.EndOthers] spares the session at hand.
// An empty subject is an error: put a gate before the button, which may be pressed in a tab where nobody is signed in any more.
// It returns [ErrNoRevocation] without [Options.Revocation].
func (j *Jar[T]) EndAll(ctx context.Context, subject string) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	if j.config.revocation == nil {
		return ErrNoRevocation
	}
	_, err := j.config.endAll(ctx, subject, j.config.now().Add(token.Leeway), "all sessions ended")
	j.config.emit(Event{Kind: EventEnded, Subject: subject, Err: err, Context: ctx})
	return err
}

// endAll ends the sessions of a subject that were signed in at the cutoff or before.
func (c *config) endAll(ctx context.Context, subject string, cutoff time.Time, reason string) (time.Time, error) {
	// After an earlier EndAll there may be sessions with a time just after its cutoff, so this one's lies after that.
	cutoff = cutoff.Truncate(time.Millisecond)
	if later, err := c.firstAlive(context.WithoutCancel(ctx), revocation.Claims{Subject: subject}, cutoff); err == nil {
		cutoff = later
	}
	return cutoff, c.revoke(ctx, revocation.Entry{
		Kind: revocation.Subject, Name: subject, Cutoff: cutoff, Until: cutoff.Add(c.forget()), Reason: reason,
	})
}

// EndOthers ends all sessions of the subject of s but s itself, on every device. S gets a new id, as with
// [Session.Renew], so that copies of its cookie are among those that end. Nil means that it is durable. With an error
// the others may live: call it again.
//
// It proves nothing about who asks. AuthTime, Methods and the absolute lifetime stay as they are, so that a thief does
// not pass for somebody who has just signed in, and revocations of the groups, the key or all sessions are not outlived
// either. After a change of the password, prefer [Jar.EndAll] and [Session.SignIn]: with EndOthers it is the user who
// is signed out if the thief is first. Its cutoff is now and no more, so that an EndAll of the same time, here or
// elsewhere, ends s too: a session that a node with a fast clock has just signed in may escape it.
//
// It returns [ErrAnonymous] if nobody is signed in, [ErrNoRevocation] without [Options.Revocation], and what
// [Session.Renew] returns.
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
	// One after the other: of two sessions that end each other at the same time, one must see that it has been ended.
	s.config.ending.Lock()
	defer s.config.ending.Unlock()
	if err := s.recheck(ctx); err != nil {
		return s.refused(ctx, s.subject, err) // while its own id was being revoked
	}
	cutoff, err := s.config.endAll(ctx, s.subject, s.config.now(), "other sessions ended")
	s.survived = latest(s.survived, cutoff.Add(time.Millisecond)) // also if it failed: others may know of it in spite of that
	if spare, failed := s.makeSpare(ctx, s.origin, s.linkToSeal()); spare != nil && failed == nil {
		s.keepSpare(ctx, spare) // the one that Renew has made would be among those that end
	}
	s.note(Event{Kind: EventEnded, Subject: s.subject, Err: err, Context: ctx})
	return err
}
