package main

import (
	"log"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes the test's own program the second process of the demos that it starts.
func TestMain(m *testing.M) {
	if isNode() {
		if err := runNode(os.Stdin, os.Stdout); err != nil {
			log.Fatal("node: ", err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}
