package main

import (
	"log"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain makes the test's own program the second process of the demos that it starts. That knows
// revocations for longer than a busy machine keeps a process from its turn: it becomes stale only where a test has made it so.
func TestMain(m *testing.M) {
	maxStaleness = 10 * time.Second
	if isNode() {
		if err := runNode(os.Stdin, os.Stdout); err != nil {
			log.Fatal("node: ", err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}
