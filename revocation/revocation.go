// Package revocation says which sessions are refused before their time.
//
// # Use
//
// A [List] follows a [Store], which all nodes share, and answers from memory. A jar asks it about every session, and
// tells it when one ends:
//
//	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse})
//	go list.Run(ctx)
//	err = list.Ready(ctx) // it has been loaded
//	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list})
//	err = list.RevokeSubject(ctx, "alice", time.Now().Add(token.Leeway), "left the company")
//
// Stores are in the modules revocation/sqlstore, revocation/redisstore and revocation/natsstore. [Memory] is one for a
// single process, and needs no list: it forgets when the process ends. [Direct] asks a store about every request, for
// who has no process that could follow it.
//
// # How it works
//
// One idea: an [Entry] refuses the sessions that bear a name (a session id, a subject, a token id, a key, a group, or
// all) and were signed in at or before its Cutoff. It may be forgotten after Until, when the last token that it can
// refuse has expired anyway. The cutoff is compared with the time of the sign-in, never with the time when a token was
// issued, because a node that has not heard of the entry yet may issue a newer token for the same session.
//
// A session id and a token id belong to one sign-in and are never used again, so an entry with such a name refuses every
// token that bears it: a node whose clock is behind can't set the cutoff too early.
//
// # Outages
//
// A list knows how old its knowledge is, counted from when it sent its last complete read. What it answers when that is
// longer ago than MaxStaleness, the application says aloud in [ListOptions]: [Refuse] or [Allow]. docs/revocation.md
// has what either loses in which outage.
//
// # Limits
//
// A name and a reason have at most [MaxName] bytes each. An entry takes some 19 bytes of a list's memory if its name is
// an id that the library made, and about 100 otherwise.
package revocation

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// What a list answers, for errors.Is. Any other error counts as ErrUnavailable.
var (
	// ErrRevoked says that an entry refuses the token.
	ErrRevoked = errors.New("revocation: revoked")
	// ErrUnavailable says that the list can't tell, and the token must not be accepted.
	ErrUnavailable = errors.New("revocation: unavailable")
)

// Kind is what kind of name an entry has. The zero value is not valid.
type Kind string

const (
	// Session is a session id (sid), which all tokens of a session share until it is renewed. An entry with the first id of a
	// session refuses also what the session is renewed into: see Origin of [Claims].
	Session Kind = "session"
	// Renewed is a session id that a renewal has left. An entry refuses what still bears it, and the session lives on.
	Renewed Kind = "renewed"
	// Token is a token id (jti).
	Token Kind = "token"
	// Subject is a user.
	Subject Kind = "subject"
	// Group is a name that the application gave to sessions: a tenant, a device, a role.
	Group Kind = "group"
	// Key is a key id (kid).
	Key Kind = "key"
	// All is every session; its entries have no name.
	All Kind = "all"
)

// Entry refuses sessions. Entries with the same Kind and Name are merged: the latest Cutoff and the latest Until count,
// in whatever order they arrive.
type Entry struct {
	Kind Kind
	Name string

	// Cutoff refuses the sessions that were signed in, or began, at or before it. Its resolution is a millisecond. With
	// the kinds Session, Renewed and Token it says when they were revoked, and all that bear the name are refused.
	Cutoff time.Time

	// Until is when the entry may be forgotten.
	Until time.Time

	// Reason is for people: it shows in listings and events.
	Reason string
}

// Claims is what a list is asked about: the names that a token bears, and when its session was signed in.
type Claims struct {
	SessionID, TokenID, Subject, KeyID string
	Groups                             []string
	AuthTime                           time.Time

	// Origin is set of a session that was renewed: the id that it had at first. An entry of the kind Session with this name
	// refuses whatever the session was renewed into, also by a node that had not heard of the entry.
	Origin string

	// Asked spares a list a reading of the clock, half of what a check costs a fast caller: the time.Now of the question,
	// read for it and not kept from before, since the token is accepted as of that moment. A list reads its own clock if it is
	// zero or has no monotonic reading. Who has waited for something else before handing claims on to a list sets it to zero.
	Asked time.Time
}

// Refuses reports whether the entry refuses a session that bears its name and was signed in, or began, at that time.
func (e Entry) Refuses(authTime time.Time) bool {
	return e.Kind == Session || e.Kind == Renewed || e.Kind == Token || authTime.UnixMilli() <= e.Cutoff.UnixMilli()
}

// Merge returns what an entry and another one of its kind and name come to: the later Cutoff with its Reason, and the
// later Until. It does not depend on the order: of two reasons for one cutoff, the one that sorts last is kept.
func (e Entry) Merge(other Entry) Entry {
	switch mine, theirs := e.Cutoff.UnixMilli(), other.Cutoff.UnixMilli(); {
	case theirs > mine:
		e.Cutoff, e.Reason = other.Cutoff, other.Reason
	case theirs == mine:
		e.Reason = max(e.Reason, other.Reason)
	}
	if other.Until.After(e.Until) {
		e.Until = other.Until
	}
	return e
}

// MaxName and MaxReason are the most bytes of an entry's Name and Reason.
const MaxName, MaxReason = 255, 255

var year10000 = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// Check says what is wrong with an entry: an unknown kind, a name that is missing or where none belongs, text that is too
// long or not UTF-8, a cutoff that is missing, an end before it or after the year 9999.
func (e Entry) Check() error {
	switch e.Kind {
	case Session, Renewed, Token, Subject, Group, Key:
		if e.Name == "" {
			return errors.New("revocation: an entry of kind " + string(e.Kind) + " needs a name")
		}
	case All:
		if e.Name != "" {
			return errors.New("revocation: an entry of kind all has no name")
		}
	default:
		return errors.New("revocation: an entry has an unknown kind")
	}
	if len(e.Name) > MaxName || len(e.Reason) > MaxReason || !utf8.ValidString(e.Name) || !utf8.ValidString(e.Reason) {
		return fmt.Errorf("revocation: an entry's name or reason is longer than %d bytes or not UTF-8", MaxName)
	}
	if e.Cutoff.IsZero() || e.Until.Before(e.Cutoff) {
		return errors.New("revocation: an entry needs a cutoff, and must not end before it")
	}
	// Far beyond, milliseconds are no number any more, and the entry would refuse nobody. Nor is Time.Year one where an int
	// has 32 bits.
	if !e.Until.Before(year10000) {
		return errors.New("revocation: an entry ends after the year 9999")
	}
	return nil
}
