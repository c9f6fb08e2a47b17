package revocation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// While a name gets the free slot at which the search for another one ends, the other one is not refused in its place.
func TestNoNameIsRefusedForOneThatIsBeingAdded(t *testing.T) {
	require.Zero(t, revocation.FindWhileAdding(1_000_000))
}
