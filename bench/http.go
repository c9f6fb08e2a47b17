package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/loopback"
)

// loopbackLevel measures whole servers.
func loopbackLevel(ctx context.Context, p plan, t *targets) error {
	results, err := loopback.Measure(ctx, p.http, func(text string) { fmt.Fprintln(os.Stderr, "bench: "+text) })
	if err != nil {
		return err
	}
	printf("### Servers on loopback: requests per second on one core\n\n" +
		"With the time in which 99 of 100 requests are answered, and what the server spends on one, its database included.\n\n")
	if !loopback.Pinned() {
		printf("Server and client shared their cores: there is no taskset, or only one core.\n\n")
	}
	byPage := func(name, path string) *loopback.Result {
		for i := range results {
			if results[i].Name == name && results[i].Path == path {
				return &results[i]
			}
		}
		return nil
	}
	var rows [][]string
	const bare, ours = "no session", "sealjar, stdmw"
	for _, r := range results {
		if r.Path != app.Views {
			continue
		}
		row := []string{r.Name}
		for _, path := range []string{app.Page, app.Read, app.Views} {
			page := byPage(r.Name, path)
			row = append(row, fmt.Sprintf("%.0f", page.Best().PerSecond), fmt.Sprintf("%.2f", float64(page.P99())/float64(time.Millisecond)),
				fmt.Sprintf("%.1f", page.CPU()))
		}
		best, typical := byPage(ours, app.Views).Over(&r)
		rows = append(rows, append(row, ratio(best)+" / "+ratio(typical)))
	}
	table([]string{
		"", "untouched /s", "p99 ms", "CPU µs", "read /s", "p99 ms", "CPU µs", "views /s", "p99 ms", "CPU µs", "views: sealjar is × as fast",
	}, rows)

	for _, peer := range []struct {
		name string
		want float64
	}{{"securecookie, JSON", 1.4}, {"scs, in memory", 2}, {"jwx v2, nested", 4}, {loopback.ExpressMySQL, 12}} {
		if theirs := byPage(peer.name, app.Views); theirs != nil {
			best, typical := byPage(ours, app.Views).Over(theirs)
			t.atLeast(peer.want, "loopback, views: times the requests of "+peer.name, best, typical)
		}
	}
	best, typical := byPage(ours, app.Page).Over(byPage(bare, app.Page))
	t.atLeast(0.7, "loopback, untouched: times the requests of no session (hoped for: 0.99)", best, typical)
	return nil
}
