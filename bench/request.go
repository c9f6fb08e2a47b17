package main

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/measure"
)

// requestLevel measures whole requests without a network: what a session adds to the bare handler.
func requestLevel(ctx context.Context, p plan, t *targets) error {
	floor := contender.All()[0]
	token, err := floor.Seal(standard)
	if err != nil {
		return err
	}
	apps := app.All(standard)
	cases := []measure.Case{
		{Name: "floor, seal", Run: func() { _, _ = floor.Seal(standard) }},
		{Name: "floor, open", Run: func() { _, _ = floor.Open(token) }},
	}
	pages := []string{app.Page, app.Read, app.Views}
	for _, path := range pages {
		for _, a := range apps {
			cookie, err := a.Begin()
			if err != nil {
				return err
			}
			r := app.NewRequest(path, cookie)
			cases = append(cases, measure.Case{Name: a.Name, Run: func() { a.Handler.ServeHTTP(httptest.NewRecorder(), r) }})
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	results := measure.Interleaved(measure.Wall, cases, p.rounds, p.slice)
	seal, open := &results[0], &results[1]
	added := func(page, i int) (best, typical, allocs float64) {
		bare := &results[2+page*len(apps)+bareOf(i)]
		r := &results[2+page*len(apps)+i]
		return r.Min() - bare.Min(), r.Median() - bare.Median(), r.Allocs - bare.Allocs
	}
	printf("### Requests without a network: what the session adds to the bare handler\n\n")
	var rows [][]string
	for i, a := range apps {
		if bareOf(i) == i {
			continue
		}
		row := []string{a.Name}
		for page := range pages {
			best, _, allocs := added(page, i)
			row = append(row, micros(best), fmt.Sprintf("%.0f", allocs))
		}
		rows = append(rows, row)
	}
	table([]string{"", "untouched µs", "allocs", "read µs", "allocs", "changed µs", "allocs"}, rows)

	const std, echo = 1, 3
	readBest, readTypical, readAllocs := added(1, std)
	changeBest, changeTypical, changeAllocs := added(2, std)
	t.atMost(4, "stdmw: reading adds, times the floor's open", readBest/open.Min(), readTypical/open.Median())
	t.atMost(4, "stdmw: changing adds, times the floor's seal and open",
		changeBest/(open.Min()+seal.Min()), changeTypical/(open.Median()+seal.Median()))
	t.atMost(20, "stdmw: allocations that reading adds", readAllocs, readAllocs)
	t.atMost(20, "stdmw: allocations that changing adds", changeAllocs, changeAllocs)
	best, typical, _ := added(1, echo)
	t.atMost(1.1, "echomw: reading adds, times what stdmw adds", best/readBest, typical/readTypical)
	best, typical, _ = added(2, echo)
	t.atMost(1.1, "echomw: changing adds, times what stdmw adds", best/changeBest, typical/changeTypical)
	return nil
}

// bareOf is the place of the application without sessions that the one at i is to be compared with: see app.All.
func bareOf(i int) int {
	if i == 2 || i == 3 { // Echo
		return 2
	}
	return 0
}
