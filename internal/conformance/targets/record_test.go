package targets_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/targets"
)

func TestARecordThatIsNotTrueIsFound(t *testing.T) {
	record := targets.Record{
		"a-01": {ID: "a-01", Verdict: conformance.Fail, Why: "by hand"},
		"a-02": {ID: "a-02", Verdict: conformance.NA, Why: "it has none"},
	}
	for _, c := range []struct {
		name   string
		now    conformance.Result
		differ int
	}{
		{"a failure that is on record, for whatever reason", conformance.Result{ID: "a-01", Verdict: conformance.Fail, Why: "a trace"}, 0},
		{"a failure on record that passes now", conformance.Result{ID: "a-01", Verdict: conformance.Pass}, 1},
		{"n/a as on record", conformance.Result{ID: "a-02", Verdict: conformance.NA, Why: "it has none"}, 0},
		{"n/a for another reason", conformance.Result{ID: "a-02", Verdict: conformance.NA, Why: "it is old"}, 1},
		{"n/a on record that fails now", conformance.Result{ID: "a-02", Verdict: conformance.Fail}, 1},
		{"what is not on record and passes", conformance.Result{ID: "a-03", Verdict: conformance.Pass}, 0},
		{"what is not on record and fails", conformance.Result{ID: "a-03", Verdict: conformance.Fail}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Len(t, record.Differences([]conformance.Result{c.now}), c.differ)
		})
	}
}
