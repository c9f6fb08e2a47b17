package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// nodeVariable makes a process of this program the second one.
const nodeVariable = "SEALJAR_DEMO_NODE"

func isNode() bool { return os.Getenv(nodeVariable) != "" }

// nodeSetup is what the second process is told through its standard input.
type nodeSetup struct {
	Backstage, Secret, KeyFile string
	Session                    time.Duration
}

// runNode is the second process: it shares nothing with the first but the key file and the store of revocations,
// follows both, and answers who somebody is. It has two jars, one for each policy, to show what they make of a store
// that does not answer. It ends when the first process closes its standard input, however that comes about.
func runNode(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // Ctrl-C reaches both, and the first one ends the second
	var setup nodeSetup
	input := json.NewDecoder(in)
	if err := input.Decode(&setup); err != nil {
		return err
	}
	absolute = setup.Session
	ctx, cancel := context.WithCancel(context.Background())
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, io.MultiReader(input.Buffered(), in))
		cancel()
	}()

	reporter := newReporter(setup)
	background.Go(func() { reporter.run(ctx) })
	logger := newLogger("node", reporter.line)
	file, err := keys.OpenFile(setup.KeyFile, keyFileOptions(keys.Watch{Logger: logger, Observe: reporter.keys}))
	if err != nil {
		return err
	}
	background.Go(func() { _ = file.Run(ctx) })

	site := http.NewServeMux()
	for path, onStale := range map[string]revocation.Policy{"refuse": revocation.Refuse, "allow": revocation.Allow} {
		store := &remoteStore{url: setup.Backstage, secret: setup.Secret, client: reporter.client, applied: func([]revocation.Entry) {}}
		logger, stale := silence, func(bool) {} // the page tells of the one that refuses
		if onStale == revocation.Refuse {
			store.applied, logger, stale = reporter.learned, newLogger("node", reporter.line), reporter.stale
		}
		loaded := make(chan struct{}, 1)
		observe := func(e revocation.Event) {
			switch e.Kind {
			case revocation.EventLoaded:
				select {
				case loaded <- struct{}{}:
				default:
				}
			case revocation.EventStale, revocation.EventRecovered:
				stale(e.Kind == revocation.EventStale)
			}
		}
		list, err := revocation.NewList(store, revocation.ListOptions{
			OnStale: onStale, MaxStaleness: maxStaleness, Logger: logger, Observe: observe,
		})
		if err != nil {
			return err
		}
		background.Go(func() { _ = list.Run(ctx) })
		jar, err := newJar(file, list, logger, func(sealjar.Event) {})
		if err != nil {
			return err
		}
		site.Handle("/"+path+"/", http.StripPrefix("/"+path, nodeApp(jar, "node, "+path)))
		select {
		case <-loaded:
		case <-ctx.Done():
			return nil
		}
	}
	listeners, err := listen(0, loopback[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(out, address(listeners))
	return serve(ctx, []app{{guard(setup.Backstage, site), listeners}})
}

// nodeApp is what the second process answers.
func nodeApp(jar *sealjar.Jar[State], name string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /whoami", whoAmIHandler(jar, name))
	return at("node", stdmw.New(jar, stdmw.Options{})(mux))
}
