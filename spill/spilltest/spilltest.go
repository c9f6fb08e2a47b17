// Package spilltest has the tests that every [spill.Store] passes. A driver's own test is a few lines:
//
//	func TestStore(t *testing.T) {
//		spilltest.Run(t, func(t *testing.T) func() spill.Store {
//			place := newEmptyPlace(t)
//			return func() spill.Store { return open(t, place) }
//		})
//	}
package spilltest

import (
	"testing"
	"time"

	"github.com/sealjar/sealjar/spill"
)

// Case is one thing that sessions rely on.
type Case struct {
	Name string
	// Why says what happens to users where it does not hold.
	Why string

	run func(t *testing.T, open func() spill.Store)
}

// Cases returns all that [Run] tests.
func Cases() []Case {
	return []Case{
		{"a row that was never written is not there", "A forged or forgotten id must give an anonymous session, not an error page.", absent},
		{"what was written is read, in every process", "The next request of a user may reach another node.", roundTrip},
		{"the store keeps its own copy", "Memory of a session is used again for the next one, which must not show up in a stored row.", ownCopy},
		{"create leaves a row that is there", "A cookie from before the session went into the store must not take its changes back.", createOnce},
		{"of several creators one wins", "Two first requests at the same time must agree on one row.", createRace},
		{"replace wants an older row", "A slow request must not put an older state over a newer one.", replaceOlder},
		{"replace brings nothing back", "A request that is under way while its user signs out must not undo that.", replaceNothing},
		{"of several writers the highest version stays", "A row that goes back to a lower version is refused, and its user signed out.", replaceRace},
		{"a deleted row is gone, in every process", "Where there is no revocation list, this is what signing out rests on.", deleted},
		{"ids are compared exactly", "An id that differs in case or ends in a space must not lead to another user's row.", exactIDs},
		{"a row lives until its expiry", "Who comes back in time must be signed in, and rows must not pile up for ever.", expiry},
		{"replace moves the expiry", "A session that is to be remembered for weeks must not end tomorrow.", moveExpiry},
		{"an expired row makes room", "An id whose row has expired is free.", createAgain},
		{"rows of every size up to the limit", "A row that is cut short is a session that is lost.", sizes},
		{"what is out of limits is refused", "An error at the write is an answer for the user; one at the next read is not.", limits},
		{"an ended context is an error", "A request must not wait for a store longer than it was told to.", canceled},
	}
}

// Run tests a store. backend makes an empty place for rows and returns a function that opens a store over this place:
// each call is another process, as far as the store can tell. The store's clock must be the real one, or its server's.
func Run(t *testing.T, backend func(t *testing.T) (open func() spill.Store)) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			c.run(t, backend(t))
			if t.Failed() {
				t.Log("why it matters: " + c.Why)
			}
		})
	}
}

// later is an expiry that is not reached while a test runs.
func later() time.Time { return time.Now().Add(time.Hour) }

// sooner is an expiry that has been reached, by every clock.
func sooner() time.Time { return time.Now().Add(-time.Hour) }

func row(version int64, text string) spill.Row {
	return spill.Row{Version: version, Data: []byte(text)}
}
