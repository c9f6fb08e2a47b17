// Package fleet is an application of several processes that share a list of revocations. It is there to be mistreated: its
// tests start real nodes on real stores, kill, cut off and misdate them, and look whether anybody is let in who was signed out.
//
// A node is the test program itself, started again with [Variable] in its environment. It serves an application as its
// users know it, below /, and what only a test asks for, below /test/.
//
// # Figures
//
// How long a revocation takes to reach the other nodes, and how long a big list takes to load, is measured by
//
//	go test -count=1 -timeout 30m -run Measure -v -measure
//
// and goes into docs/revocation.md with -page ../../docs/revocation.md. Without -measure nothing is timed.
package fleet
