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
	if os.Getenv(fleet.Variable) != "" {
		if err := fleet.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
