// Command bench measures sealjar beside its peers and beside the bare standard library, in one run, and prints what it found as
// Markdown: as ratios, because times belong to a machine and to its mood.
//
//	go run . [-short] [-only codec,request,loopback,spill,sizes] [-page ../docs/performance.md]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/loopback"
)

// plan says how long things are measured.
type plan struct {
	rounds int
	slice  time.Duration // of one case in one round
	http   loopback.Options
}

// standard is the payload that the targets are about.
var standard = contender.Payloads()[1]

func main() {
	short := flag.Bool("short", false, "finish within two minutes")
	only := flag.String("only", "codec,request,loopback,spill,sizes", "what to measure, with commas between")
	page := flag.String("page", "", "put the tables into this page of documentation too")
	serve := flag.String("serve", "", "be the server of one application (the program starts itself so)")
	flag.Parse()
	if *serve != "" {
		exit(runServer(*serve))
		return
	}
	p := plan{rounds: 60, slice: 5 * time.Millisecond, http: loopback.Options{Rounds: 7, Slice: time.Second}}
	if *short {
		p = plan{rounds: 30, slice: 2 * time.Millisecond, http: loopback.Options{Rounds: 5, Slice: 400 * time.Millisecond}}
	}
	p.http.Payload, p.http.Node = standard, "node"
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	measure := func() error { return run(ctx, p, strings.Split(*only, ",")) }
	if *page != "" {
		exit(intoPage(*page, measure))
		return
	}
	exit(measure())
}

func runServer(name string) error {
	for _, a := range app.All(standard) {
		if a.Name == name {
			return loopback.Serve(a)
		}
	}
	return fmt.Errorf("bench: no application %q", name)
}

func run(ctx context.Context, p plan, levels []string) error {
	printMachine()
	var t targets
	for _, level := range []struct {
		name string
		run  func(context.Context, plan, *targets) error
	}{{"codec", codecLevel}, {"request", requestLevel}, {"loopback", loopbackLevel}, {"spill", spillLevel}, {"sizes", sizesLevel}} {
		if !slices.Contains(levels, level.name) {
			continue
		}
		if err := level.run(ctx, p, &t); err != nil {
			return err
		}
	}
	t.print()
	return nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
