//go:build unix

package fleet_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/fleet"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(fleet.Variable) != "":
		exit(fleet.Serve())
	case os.Getenv(natsVariable) != "":
		exit(serveNATS())
	}
	goleak.VerifyTestMain(m)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
