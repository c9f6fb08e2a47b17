package main

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// A browser that comes back gets the lines that it has missed and no others.
func TestLiveGoesOn(t *testing.T) {
	v := visit(t, "alice")
	s := v.watch(t, func(s snapshot) bool { return len(s.Lines) > 2 })
	for last, want := range map[string]int64{
		"": 1, s.Demo + "-1": 2, s.Demo + "-2": 3, s.Demo + "-garbage": 1, "garbage": 1, "-2": 1,
		"2": 1, "AnotherRun-2": 1, // of a demo that has ended
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.std+"demo/live", nil)
		require.NoError(t, err)
		r.Header.Set("Last-Event-ID", last)
		response, err := plainClient().Do(r)
		require.NoError(t, err)
		lines := bufio.NewReader(response.Body)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
		data, err := lines.ReadString('\n')
		require.NoError(t, err)
		response.Body.Close()
		require.Contains(t, data, `"lines":[{"n":`+string(rune('0'+want))+`,`, last)
	}
	require.NotEmpty(t, s.Meter.Requests)
	require.Equal(t, "net/http", s.Meter.Requests[0].Server)
	require.Positive(t, s.Meter.Totals["sealed"])
}

// Another window of the browser has to ask again when the cookie is another one.
func TestCookiesAreNews(t *testing.T) {
	v := &visitor{browser: newBrowser()} // whose first session is this one: nothing is revoked
	v.std, v.echo = start(t, filepath.Join(t.TempDir(), "keys.json"))
	epoch := v.watch(t, func(s snapshot) bool { // the second process has told that it has its keys, which is news too
		return slices.ContainsFunc(s.Lines, func(l line) bool { return l.Server == "node" && l.Message == "keys loaded" })
	}).Epoch
	for _, step := range [][2]string{
		{"signin", "name=alice"}, {"fill", "bytes=9"}, {"demo/flip", "at=100"}, {"signin", "name=bob"},
	} {
		v.send(t, step[0], step[1])
		epoch = v.watch(t, func(s snapshot) bool { return s.Epoch > epoch }).Epoch
	}
	for range 5 {
		require.Equal(t, "bob", v.opinions(t)["Echo"])
		ask(t, http.MethodGet, v.std+"whoami", "", http.Header{"Cookie": {cookieName + "=refused"}})
	}
	after := v.watch(t, func(s snapshot) bool { return s.Meter.Totals["refused"] >= 5 })
	require.Equal(t, epoch, after.Epoch, "or a page that asks would have all pages ask")
}

func TestJournalKeepsTheLast(t *testing.T) {
	j := &journal{bell: newBell()}
	for range keptLines + 5 {
		j.note("demo", "hello", "")
	}
	all := j.since(0)
	require.Len(t, all, keptLines)
	require.Equal(t, int64(6), all[0].Number)
	require.Len(t, j.since(keptLines+3), 2)
	require.Empty(t, j.since(keptLines+5))
}

func TestLogLines(t *testing.T) {
	var got []line
	logger := newLogger("demo", func(l line) { got = append(got, l) })
	ctx := context.WithValue(t.Context(), whereKey{}, where{"Echo", "Phone"})
	logger.DebugContext(ctx, "session opened", "sid", "a")
	logger.InfoContext(ctx, "session refused", "cookie", "c", "err", "changed", "sid", "a")
	logger.Warn("keys refused", slog.Int("version", 3))
	require.Equal(t, []line{
		{At: got[0].At, Level: "INFO", Server: "Echo", Device: "Phone", Message: "session refused", Err: "changed", Detail: "sid=a "},
		{At: got[1].At, Level: "WARN", Server: "demo", Message: "keys refused", Detail: "version=3 "},
	}, got)
}

func TestEventsAreCountedBySeconds(t *testing.T) {
	m := newMeter(newBell())
	now := time.Now().Add(time.Hour) // so that the view does not move on
	count := func(after int, h happening) {
		h.At = now.Add(time.Duration(after) * time.Second)
		m.count(h)
	}
	count(0, happening{Kind: sealjar.EventOpened})
	count(1, happening{Kind: sealjar.EventOpened})
	count(1, happening{Kind: sealjar.EventSealed})
	count(1, happening{Kind: sealjar.EventSealed, Renewal: true})
	count(2, happening{Kind: sealjar.EventRefused, Reason: "changed"})
	count(2, happening{Kind: sealjar.EventEnded})
	count(0, happening{Kind: sealjar.EventRefused, Reason: "revoked"}) // late
	v := m.view()
	require.Equal(t, map[string]int{"opened": 2, "sealed": 1, "renewed": 1, "refused": 2}, v.Totals)
	require.Equal(t, map[string]int{"changed": 1, "revoked": 1}, v.Reasons)
	require.Equal(t, []int{1, 1, 0}, v.Rows["opened"][meterSeconds-3:])
	require.Equal(t, []int{0, 0, 2}, v.Rows["refused"][meterSeconds-3:])
	count(2+meterSeconds, happening{Kind: sealjar.EventOpened})
	require.Equal(t, 1, sum(m.view().Rows["opened"]))
	require.Zero(t, sum(m.view().Rows["refused"]))
}

func sum(all []int) (n int) {
	for _, x := range all {
		n += x
	}
	return n
}
