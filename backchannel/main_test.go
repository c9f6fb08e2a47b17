package backchannel_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if fuzz := flag.Lookup("test.fuzz"); fuzz != nil && fuzz.Value.String() != "" {
		m.Run() // the fuzzing engine has goroutines of its own
		return
	}
	goleak.VerifyTestMain(m)
}
