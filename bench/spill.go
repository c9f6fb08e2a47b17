package main

import (
	"context"
	"fmt"
	"os"

	"github.com/sealjar/sealjar/bench/loopback"
	"github.com/sealjar/sealjar/bench/measure"
	"github.com/sealjar/sealjar/bench/spill"
)

// spillLevel measures sessions in a database.
func spillLevel(ctx context.Context, p plan, _ *targets) error {
	socket, stopDB, err := loopback.MariaDB()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: sessions in MariaDB are left out: "+err.Error())
		return nil
	}
	defer stopDB()
	cases, stop, err := spill.Cases(ctx, socket, standard)
	if stop != nil {
		defer stop()
	}
	if err != nil {
		return err
	}
	results := measure.Interleaved(measure.Wall, cases, p.rounds, 10*p.slice)
	printf("### Sessions in MariaDB: what one request waits for\n\n" +
		"With `Options.Spill` and `Always`, beside the two statements that express-mysql-session sends for each request, over the same driver and\n" +
		"on the same server: alone, and with what express-session does besides, written in Go (the cookie's signature, JSON, the hash that tells\n" +
		"whether the session was changed). sealjar's rows are whole requests. MariaDB writes to disk before it answers, as by default.\n\n")
	var rows [][]string
	const reads, changes, kinds, stored = 0, 1, 2, 4
	for i := 0; i < len(results); i += kinds {
		row := []string{results[i].Name[:len(results[i].Name)-len(", read")]}
		for _, kind := range []int{reads, changes} {
			best, typical := results[i+kind].Over(&results[stored+kind])
			row = append(row, micros(results[i+kind].Min()), ratio(best)+" / "+ratio(typical))
		}
		rows = append(rows, row)
	}
	table([]string{"", "read µs", "× sealjar in MariaDB", "changed µs", "× sealjar in MariaDB"}, rows)
	return nil
}
