//go:build unix

package fleet_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	measureFlag = flag.Bool("measure", false, "measure, which takes about ten minutes")
	pageFlag    = flag.String("page", "", "put the tables into this page of documentation too")
	entriesFlag = flag.Int("entries", 10_000_000, "how many entries the big list has")
)

// TestMeasure prints figures as Markdown. It asserts nothing about them: a machine has its moods.
func TestMeasure(t *testing.T) {
	if !*measureFlag {
		t.Skip("measures only with -measure")
	}
	for _, part := range []struct {
		name string
		run  func(t *testing.T, out *bytes.Buffer)
	}{{"reach", measureReach}, {"partition", measurePartition}, {"load", measureLoad}} {
		t.Run(part.name, func(t *testing.T) {
			var out bytes.Buffer
			fmt.Fprintf(&out, "%s, %s/%s, %d cores of %s, %s.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
				runtime.NumCPU(), processor(), time.Now().Format(time.DateOnly))
			part.run(t, &out)
			t.Log("\n" + out.String())
			if *pageFlag != "" {
				intoPage(t, *pageFlag, part.name, out.Bytes())
			}
		})
	}
}

// intoPage puts a table between its two marks.
func intoPage(t *testing.T, name, part string, table []byte) {
	page, err := os.ReadFile(name)
	require.NoError(t, err)
	start, end := []byte("<!-- "+part+": written by the command -->\n"), []byte("<!-- end of "+part+" -->\n")
	before, rest, found := bytes.Cut(page, start)
	_, after, closed := bytes.Cut(rest, end)
	require.True(t, found && closed, "%s has no place for %s", name, part)
	page = bytes.Join([][]byte{before, start, []byte("\n"), table, []byte("\n"), end, after}, nil)
	require.NoError(t, os.WriteFile(name, page, 0o644))
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, found := strings.Cut(string(text), "model name")
	if !found {
		return "an unknown processor"
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Trim(line, "\t :")
}

// percentile of durations, as text in milliseconds.
func percentile(d []time.Duration, p float64) string {
	slices.Sort(d)
	return millis(d[min(int(p*float64(len(d))), len(d)-1)])
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/1e6) }
