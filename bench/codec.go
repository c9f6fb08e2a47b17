package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/measure"
)

// codecLevel measures tokens alone: made, opened, and refused.
func codecLevel(ctx context.Context, p plan, t *targets) error {
	for _, payload := range contender.Payloads() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		contenders := contender.All()
		cases, err := codecCases(contenders, payload)
		if err != nil {
			return err
		}
		results := measure.Interleaved(measure.Wall, cases, p.rounds, p.slice)
		printCodec(payload, contenders, results)
		if payload.Name == standard.Name {
			codecTargets(t, contenders, results)
		}
	}
	return scaling(p, t)
}

// codecCases are three for each contender: seal, open, refuse.
func codecCases(contenders []contender.Contender, payload contender.Payload) ([]measure.Case, error) {
	var cases []measure.Case
	for _, c := range contenders {
		token, err := c.Seal(payload)
		if err != nil {
			return nil, err
		}
		if _, err := c.Open(token); err != nil {
			return nil, err
		}
		bad := tamper(token)
		cases = append(cases,
			measure.Case{Name: c.Name, Run: func() { _, _ = c.Seal(payload) }},
			measure.Case{Name: c.Name, Run: func() { _, _ = c.Open(token) }},
			measure.Case{Name: c.Name, Run: func() { _, _ = c.Open(bad) }},
		)
	}
	return cases, nil
}

// tamper changes one character in the middle into another one that may stand there, so that it takes cryptography to see it.
func tamper(token string) string {
	middle := []byte(token)
	if c := &middle[len(middle)/2]; *c == 'A' {
		*c = 'B'
	} else {
		*c = 'A'
	}
	return string(middle)
}

func printCodec(payload contender.Payload, contenders []contender.Contender, results []measure.Result) {
	printf("### Tokens of %s of data (%d bytes of JSON)\n\n", payload.Name, len(payload.JSON))
	var rows [][]string
	for i, c := range contenders {
		row := []string{c.Name}
		for kind := range 3 {
			r := &results[3*i+kind]
			least, middle := r.Over(&results[kind])
			row = append(row, micros(r.Min()), ratio(least)+" / "+ratio(middle), fmt.Sprintf("%.0f", r.Allocs))
		}
		rows = append(rows, row)
	}
	table([]string{"", "seal µs", "× floor", "allocs", "open µs", "× floor", "allocs", "refuse µs", "× floor", "allocs"}, rows)
}

func codecTargets(t *targets, contenders []contender.Contender, results []measure.Result) {
	find := func(name string, kind int) *measure.Result {
		for i, c := range contenders {
			if strings.HasPrefix(c.Name, name) {
				return &results[3*i+kind]
			}
		}
		panic("bench: no contender " + name)
	}
	const seal, open, refuse = 0, 1, 2
	raw, decoded := "sealjar", "sealjar, decoded"
	over := func(name string, kind int, other string, otherKind int) (float64, float64) {
		return find(name, kind).Over(find(other, otherKind))
	}
	least, middle := over(raw, seal, "floor", seal)
	t.atMost(1.5, "seal, times the floor", least, middle)
	least, middle = over(raw, open, "floor", open)
	t.atMost(1.5, "open, times the floor", least, middle)
	t.atMost(3, "allocations to seal (one fewer than in the table above, for the state, which the benchmark makes)",
		find(raw, seal).Allocs-1, find(raw, seal).Allocs-1)
	t.atMost(3, "allocations to open", find(raw, open).Allocs, find(raw, open).Allocs)
	least, middle = over(raw, refuse, raw, open)
	t.atMost(0.6, "refuse, times open", least, middle)
	for _, peer := range []struct {
		name, ours string
		seal, open float64
	}{{"jwx", raw, 12, 14}, {"securecookie", decoded, 2.5, 2.5}} {
		least, middle = over(peer.name, seal, peer.ours, seal)
		t.atLeast(peer.seal, peer.name+"'s time to seal, times ours", least, middle)
		least, middle = over(peer.name, open, peer.ours, open)
		t.atLeast(peer.open, peer.name+"'s time to open, times ours", least, middle)
	}
}

// scaling opens tokens on one core and on two at once. With no lock between them two do twice as much.
func scaling(p plan, t *targets) error {
	if runtime.NumCPU() < 2 {
		return nil
	}
	sealjar := contender.All()[1]
	token, err := sealjar.Seal(standard)
	if err != nil {
		return err
	}
	const opens = 200
	work := func() {
		for range opens {
			_, _ = sealjar.Open(token)
		}
	}
	results := measure.Interleaved(measure.Wall, []measure.Case{
		{Name: "one", Run: work},
		{Name: "two", Run: func() {
			var all sync.WaitGroup
			all.Go(work)
			all.Go(work)
			all.Wait()
		}},
	}, p.rounds, 4*p.slice)
	least, middle := results[1].Over(&results[0])
	t.atLeast(1.8, "opens per second on two cores, times one", 2/least, 2/middle)
	return nil
}
