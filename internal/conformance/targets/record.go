package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sealjar/sealjar/internal/conformance"
)

// Record is what a form does not pass, by the behaviour's id, and why. It is kept in records/<key>.tsv, where the reasons of
// failures are written by hand.
type Record map[string]conformance.Result

func (f *Form) file() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "records", f.Key+".tsv")
}

// ReadRecord reads the record of a form.
func (f *Form) ReadRecord() (Record, error) {
	text, err := os.ReadFile(f.file())
	if err != nil {
		return nil, err
	}
	record := make(Record)
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("targets: %s: a line has %d fields", f.Key, len(fields))
		}
		record[fields[0]] = conformance.Result{ID: fields[0], Verdict: conformance.Verdict(fields[1]), Why: fields[2]}
	}
	return record, nil
}

// WriteRecord writes results as the record of a form. Of failures that are on record already it keeps the reason.
func (f *Form) WriteRecord(results []conformance.Result) error {
	before, err := f.ReadRecord()
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	var text strings.Builder
	for _, r := range results {
		if r.Verdict == conformance.Pass {
			continue
		}
		why := r.Why
		if r.Verdict == conformance.Fail {
			why = before[r.ID].Why
			if before[r.ID].Verdict != conformance.Fail {
				why = "TODO: " + strings.Join(strings.Fields(r.Why), " ")
			}
		}
		fmt.Fprintf(&text, "%s\t%s\t%s\n", r.ID, r.Verdict, why)
	}
	return os.WriteFile(f.file(), []byte(text.String()), 0o644)
}

// Differences says in what results and the record are not the same.
func (r Record) Differences(results []conformance.Result) (all []string) {
	for _, now := range results {
		before, known := r[now.ID]
		if !known {
			before.Verdict = conformance.Pass
		}
		switch {
		case before.Verdict != now.Verdict:
			all = append(all, fmt.Sprintf("%s is %s now and %s on record: %s", now.ID, now.Verdict, before.Verdict, now.Why))
		case now.Verdict == conformance.NA && before.Why != now.Why:
			all = append(all, fmt.Sprintf("%s is n/a for another reason: %s", now.ID, now.Why))
		}
	}
	return all
}
