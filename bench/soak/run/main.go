// Command run is the soak of package soak: it prints what it sees, and fails if the server does not stay as it was.
//
//	go run ./soak/run -for 10m
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/sealjar/sealjar/bench/soak"
)

func main() {
	soak.Serve()
	log.SetFlags(0)
	duration := flag.Duration("for", 10*time.Minute, "how long")
	clients := flag.Int("clients", 8, "how many clients at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := soak.Run(ctx, soak.Options{Duration: *duration, Clients: *clients, Log: os.Stdout})
	if err != nil {
		log.Fatal(err)
	}
	report.Write(os.Stdout)
	if err := report.Verdict(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("It stayed as it was.")
}
