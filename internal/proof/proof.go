// Package proof runs real server processes and takes their keys through everything that may happen to them. The tests of each
// place where keys are kept use it: a test binary starts itself as a node ([Start], [Serve]), and a crowd of sessions visits
// the nodes and complains when one is lost ([NewCrowd]).
package proof

import (
	"time"
)

// Speed is how much faster the clocks of the tests go: a minute in each second.
const Speed = 60

// Session is how long a session lives, by that clock.
const Session = 5 * time.Minute

// Clock is a fast clock that is ahead by Skew.
type Clock struct {
	Began time.Time
	Skew  time.Duration
}

// Now tells the time.
func (c Clock) Now() time.Time { return c.Began.Add(time.Since(c.Began)*Speed + c.Skew) }
