package revocation

import "errors"

// Policy is what happens to a session of which nobody can tell whether it was revoked. There is no default: the
// application says it aloud.
type Policy int

const (
	// Refuse answers ErrUnavailable: a gate answers 503, a handler sees an anonymous session, and the user's cookie is
	// left alone. An outage of the store stops those who are signed in, and signs nobody out.
	Refuse Policy = iota + 1
	// Allow accepts the session as if it had not been revoked, and renews none. An outage of the store goes unnoticed, and
	// who was revoked during it stays in until it is over, or until the session ends.
	Allow
)

func (p Policy) check(field string) error {
	if p != Refuse && p != Allow {
		return errors.New("revocation: " + field + " is missing: say Refuse or Allow")
	}
	return nil
}
