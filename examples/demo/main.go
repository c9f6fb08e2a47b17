// The demo serves one small application twice, under net/http and under Echo, on two ports with one ring of keys, and a
// page that shows what becomes of its sessions: sign in on one, and you are known on the other; rotate the keys, revoke
// sessions, change a character of the cookie, and watch.
//
//	go run ./examples/demo
//
// It needs nothing else, and listens on loopback only. The keys are made at the start, in a temporary folder that goes
// with the demo, unless -keys says where they are kept. Sessions live for -session at most. A second process, which the
// demo starts and stops, shows how other nodes learn of what happens.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	if isNode() {
		if err := runNode(os.Stdin, os.Stdout); err != nil {
			log.Fatal("node: ", err)
		}
		return
	}
	stdPort := flag.Int("std", 8080, "port of the net/http server; another one is taken if it is in use")
	echoPort := flag.Int("echo", 8081, "port of the Echo server; another one is taken if it is in use")
	keyFile := flag.String("keys", "", "key file, made if it is not there; empty means one in a temporary folder")
	flag.DurationVar(&absolute, "session", absolute, "how long a session lives at most, 10s to 24h, and a quarter of it when unused")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("what is %q for? Only options are taken: see -help", flag.Arg(0))
	}
	if absolute < 10*time.Second || absolute > 24*time.Hour {
		log.Fatalf("-session is %v: want 10s to 24h", absolute)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *stdPort, *echoPort, *keyFile); err != nil {
		log.Fatal(err)
	}
}

// run is the demo, until ctx ends. Nothing of it is left then: no connection, no process, and no keys but those of a
// file that was named.
func run(ctx context.Context, out io.Writer, stdPort, echoPort int, keyFile string) (err error) {
	if keyFile == "" {
		folder, err := os.MkdirTemp("", "sealjar-demo-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		keyFile = filepath.Join(folder, "keys.json")
	}
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()

	lab, err := newLab(ctx, &background, keyFile)
	if err != nil {
		return err
	}
	std, err := listen(stdPort, loopback...)
	if err != nil {
		return err
	}
	defer closeAll(std)
	echo, err := listen(echoPort, loopback...)
	if err != nil {
		return err
	}
	defer closeAll(echo)
	backstage, err := listen(0, loopback[0])
	if err != nil {
		return err
	}
	defer closeAll(backstage)

	background.Go(func() { _ = lab.list.Run(ctx) })
	background.Go(func() { _ = lab.keys.Run(ctx) })
	background.Go(func() { lab.devices.run(ctx) })
	select {
	case <-lab.loaded:
	case <-ctx.Done():
		return nil
	}
	apps := lab.apps(std, echo, backstage)
	served := make(chan error, 1)
	background.Go(func() { served <- serve(ctx, apps) })
	node, err := startNode(lab.setupOfNode(address(backstage), keyFile))
	if err != nil {
		cancel()
		return errors.Join(err, <-served)
	}
	defer func() {
		_, before := lab.node.get()
		if end := node.stop(); !before.Gone { // if somebody else has ended it, the page has told
			err = errors.Join(err, end)
		}
	}()
	lab.node.started(node)
	background.Go(func() { lab.watch(node) })
	fmt.Fprintf(out, "net/http  %s\nEcho      %s\nkeys      %s\n\nOpen both. Stop with Ctrl-C.\n", address(std), address(echo), keyFile)
	return <-served
}
