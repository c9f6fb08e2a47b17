// Command run is the soak of package soak: it prints what it sees of the demo, and fails unless that stays as it was.
//
//	go run ./soak/run -for 10m
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/sealjar/sealjar/bench/soak"
)

func main() {
	log.SetFlags(0)
	duration := flag.Duration("for", 10*time.Minute, "how long")
	clients := flag.Int("clients", 8, "how many clients at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *duration, *clients); err != nil {
		log.Fatal(err)
	}
	fmt.Println("It stayed as it was.")
}

func run(ctx context.Context, duration time.Duration, clients int) (err error) {
	demo, err := soak.StartDemo(ctx, 12*time.Second)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, demo.Stop()) }()
	o := soak.Options{Duration: duration, Clients: clients, Pause: time.Second, Log: os.Stdout}
	report, err := soak.Run(ctx, demo.Server, o)
	if err != nil {
		return err
	}
	report.Write(os.Stdout)
	return report.Verdict()
}
