package token_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// update is set by `go test ./token -run TestVectorsAreGenerated -update`, which writes testdata anew. Look at the
// difference before you commit it: a changed good vector is a changed wire format.
var update = flag.Bool("update", false, "write the golden vectors in testdata anew")

func TestMain(m *testing.M) {
	flag.Parse()
	if fuzz := flag.Lookup("test.fuzz"); fuzz != nil && fuzz.Value.String() != "" {
		m.Run() // the fuzzing engine has goroutines of its own
		return
	}
	goleak.VerifyTestMain(m)
}
