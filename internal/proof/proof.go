// Package proof runs real server processes and takes their keys through everything that may happen to them. The tests of each
// place where keys are kept use it: a test binary starts itself as a node ([Start], [Serve]), and a crowd of sessions visits
// the nodes and complains when one is lost ([NewCrowd]). All live by the clock of the test ([Wall]).
package proof

import "time"

// Speed is how much faster the clocks of the tests go: a minute in each second, unless somebody can't keep up.
const Speed = 60

// Session is how long a session lives, by that clock.
const Session = 5 * time.Minute
