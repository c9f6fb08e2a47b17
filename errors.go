package sealjar

import (
	"errors"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// Why a session is anonymous or was not written, for errors.Is. [Session.Err], [Jar.Load], [Jar.Check] and [Event] carry
// them with detail for the log; tell a client none of it.
var (
	// ErrNone says that the request brought no session.
	ErrNone = errors.New("sealjar: no session")
	// ErrInvalid says that the request brought a token that is not, or no longer, one of ours.
	ErrInvalid = errors.New("sealjar: invalid session")
	// ErrExpired says that the session was idle or lived for too long.
	ErrExpired = errors.New("sealjar: session expired")
	// ErrRevoked says that the session was ended before its time.
	ErrRevoked = errors.New("sealjar: session revoked")
	// ErrUnavailable says that nobody can tell now whether the session was revoked, or what it holds. It counts as
	// anonymous, and the user's cookie is left alone.
	ErrUnavailable = errors.New("sealjar: session state unavailable")
	// ErrAnonymous says that the request has a session, or could have one, but nobody is signed in.
	ErrAnonymous = errors.New("sealjar: not signed in")
	// ErrStale says that somebody is signed in, but longer ago than [Jar.CheckRecent] was to allow.
	ErrStale = errors.New("sealjar: signed in too long ago")
	// ErrTooLarge says that the session does not fit into its cookie, or its row in the store of [Options].Spill.
	ErrTooLarge = errors.New("sealjar: session too large")
	// ErrHeadersSent says that the session was changed after the response header had left, too late for the cookie.
	ErrHeadersSent = errors.New("sealjar: response header already sent")
	// ErrNoRevocation says that sessions can't be revoked because [Options.Revocation] is not set.
	ErrNoRevocation = errors.New("sealjar: no revocation list")
)

// refusal is an error of ours with its cause. The ones for a token are made once: a bad cookie must cost nothing.
type refusal struct{ is, cause error }

func (r *refusal) Error() string   { return r.is.Error() + ": " + r.cause.Error() }
func (r *refusal) Unwrap() []error { return []error{r.is, r.cause} }

var refusals = func() map[error]error {
	m := map[error]error{token.ErrExpired: &refusal{ErrExpired, token.ErrExpired}}
	for _, cause := range []error{
		token.ErrTooLong, token.ErrMalformed, token.ErrUnknownKey, token.ErrKeyExpired, token.ErrDecryption,
		token.ErrSignature, token.ErrClaims, token.ErrIssuer, token.ErrAudience, token.ErrNotYet,
	} {
		m[cause] = &refusal{ErrInvalid, cause}
	}
	return m
}()

// refuseToken turns an error of package token into ours.
func refuseToken(err error) error {
	if known, ok := refusals[err]; ok {
		return known
	}
	return &refusal{ErrInvalid, err}
}

// refuseRevoked turns an answer of the list into ours. Whatever is not a clear word counts as "can't tell".
func refuseRevoked(err error) error {
	if errors.Is(err, revocation.ErrRevoked) {
		return &refusal{ErrRevoked, err}
	}
	return &refusal{ErrUnavailable, err}
}
