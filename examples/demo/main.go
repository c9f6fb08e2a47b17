// The demo serves one small application twice, under net/http and under Echo, on two ports with one ring of keys: sign in
// on one, and you are known on the other.
//
//	go run ./examples/demo
//
// It needs nothing else. The keys are made at the first start and kept in a file that only you can read.
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
	"syscall"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
)

func main() {
	log.SetFlags(0)
	stdPort := flag.Int("std", 8080, "port of the net/http server; another one is taken if it is in use")
	echoPort := flag.Int("echo", 8081, "port of the Echo server; another one is taken if it is in use")
	keyFile := flag.String("keys", defaultKeyFile(), "key file, made if it is not there")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *stdPort, *echoPort, *keyFile); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, stdPort, echoPort int, keyFile string) error {
	ring, err := openRing(keyFile)
	if err != nil {
		return err
	}
	jar, err := newJar(ring)
	if err != nil {
		return err
	}
	std, err := listen(stdPort, loopback...)
	if err != nil {
		return err
	}
	echo, err := listen(echoPort, loopback...)
	if err != nil {
		closeAll(std)
		return err
	}
	stdURL, echoURL := address(std), address(echo)
	fmt.Fprintf(out, "net/http  %s\nEcho      %s\nkeys      %s\n\nOpen both. Stop with Ctrl-C.\n", stdURL, echoURL, keyFile)
	return serve(ctx, []app{
		{stdApp(jar, page{Server: "net/http", Other: "Echo", OtherURL: echoURL}), std},
		{echoApp(jar, page{Server: "Echo", Other: "net/http", OtherURL: stdURL}), echo},
	})
}

// newJar is the one jar of both servers. The list of ended sessions is in memory: the demo is one process.
func newJar(ring keys.Source) (*sealjar.Jar[State], error) {
	return sealjar.New[State](sealjar.Options{Keys: ring, Revocation: &revocation.Memory{}})
}

// openRing reads the key file, or makes one at the first start.
func openRing(path string) (*keys.Ring, error) {
	ring, err := keys.ReadFile(path, keys.Options{})
	if !errors.Is(err, os.ErrNotExist) {
		return ring, err
	}
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	if ring, err = keys.NewRing([]*keys.Key{key}, keys.Options{}); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return ring, keys.WriteFile(path, ring)
}

func defaultKeyFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "sealjar-demo", "keys.json")
}
