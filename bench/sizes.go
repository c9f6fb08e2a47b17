package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/measure"
)

// maxCookie is how many bytes of name and value browsers keep.
const maxCookie = 4096

// sizesLevel shows how long a token is, what fits into one cookie, and how cost grows with the data.
func sizesLevel(ctx context.Context, p plan, _ *targets) error {
	sealjar := contender.All()[1]
	payload := func(bytes int) contender.Payload {
		return contender.Payload{JSON: []byte(`"` + strings.Repeat("x", max(0, bytes-2)) + `"`)}
	}
	sizes := []int{2, 100, 200, 400, 800, 1200, 1600, 2000}
	var cases []measure.Case
	var lengths []int
	for _, size := range sizes {
		data := payload(size)
		token, err := sealjar.Seal(data)
		if err != nil {
			return err
		}
		lengths = append(lengths, len("__Host-session")+len(token))
		cases = append(cases,
			measure.Case{Run: func() { _, _ = sealjar.Seal(data) }}, measure.Case{Run: func() { _, _ = sealjar.Open(token) }})
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	results := measure.Interleaved(measure.Wall, cases, p.rounds, p.slice)
	printf("### What fits into one cookie, and what it costs\n\n")
	var rows [][]string
	for i, size := range sizes {
		rows = append(rows, []string{
			fmt.Sprint(size), fmt.Sprint(lengths[i]), micros(results[2*i].Min()), micros(results[2*i+1].Min()),
		})
	}
	table([]string{"bytes of JSON", "bytes of cookie", "seal µs", "open µs"}, rows)

	most := 0
	for size := 2; ; size++ {
		token, err := sealjar.Seal(payload(size))
		if err != nil {
			return err
		}
		if len("__Host-session")+len(token) > maxCookie {
			break
		}
		most = size
	}
	printf("Up to %d bytes of JSON fit into one cookie of %d bytes, with a subject of %d bytes and a key id of 10.\n\n",
		most, maxCookie, len("u-01H8XKZ5Q2"))
	return nil
}
