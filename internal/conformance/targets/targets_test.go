package targets_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/targets"
	"github.com/sealjar/sealjar/internal/npm"
)

func TestMain(m *testing.M) {
	// scs.New starts one, whichever store is used afterwards.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}

// TestForms : ours pass everything that applies, and of the peers the record is still true.
func TestForms(t *testing.T) {
	for _, f := range targets.Forms() {
		t.Run(f.Key, func(t *testing.T) {
			record, err := f.ReadRecord()
			require.NoError(t, err)
			target, stop, err := f.Start()
			if errors.Is(err, npm.ErrNoNode) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			require.NoError(t, err)
			defer stop()
			results := conformance.Examine(target)
			require.Empty(t, record.Differences(results), "if that is right, run: go run ./write")
			for _, r := range record {
				require.True(t, f.Peer || r.Verdict == conformance.NA, "%s: %s", r.ID, r.Why)
			}
		})
	}
}

func TestEachRecordNamesBehavioursAndReasons(t *testing.T) {
	ids := make(map[string]bool)
	names := make(map[string]bool)
	for _, chapter := range conformance.Chapters() {
		for _, b := range chapter.Behaviours {
			require.False(t, names[b.Name()], "twice: %s", b.Name())
			ids[b.ID], names[b.Name()] = true, true
		}
	}
	require.GreaterOrEqual(t, len(ids), 120)
	for _, f := range targets.Forms() {
		record, err := f.ReadRecord()
		require.NoError(t, err)
		for id, r := range record {
			require.True(t, ids[id], "%s: %s", f.Key, id)
			require.NotEmpty(t, r.Why, "%s: %s", f.Key, id)
			require.False(t, strings.HasPrefix(r.Why, "TODO"), "%s: %s: write down the reason", f.Key, id)
		}
	}
}

func TestThePageIsMadeOfTheRecords(t *testing.T) {
	want, err := targets.Page()
	require.NoError(t, err)
	got, err := os.ReadFile(targets.PageFile())
	require.NoError(t, err)
	require.True(t, want == string(got), "run: go run ./write")
}
