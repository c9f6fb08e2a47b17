package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
)

// Variable names the environment variable that makes a process a node. It holds a [Config] as JSON.
const Variable = "SEALJAR_FLEET_NODE"

// Config says what a node is like.
type Config struct {
	Place        Place
	Policy       revocation.Policy
	MaxStaleness time.Duration
	// Clock is by how much the node's clock is wrong.
	Clock time.Duration
	// Idle is the jar's.
	Idle time.Duration
	// Secret is what the nodes of a fleet share.
	Secret string
}

// State is what a session of the application holds.
type State struct {
	Views int `json:"views"`
}

// node is one process of the application.
type node struct {
	jar   *sealjar.Jar[State]
	list  *revocation.List
	store *deadly
	now   func() time.Time
	watch watch
}

// Serve is a node, until its standard input ends: with the process that started it, if nothing else ends it before. It prints
// the address at which it listens, as the first line.
func Serve() error {
	var config Config
	if err := json.Unmarshal([]byte(os.Getenv(Variable)), &config); err != nil {
		return fmt.Errorf("fleet: %s: %w", Variable, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, closeStore, err := config.Place.Open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	n, err := newNode(store, config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: n.handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	err = n.list.Run(ctx)
	_ = server.Close()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func newNode(store revocation.Store, config Config) (*node, error) {
	n := &node{store: &deadly{Store: store}, now: func() time.Time { return time.Now().Add(config.Clock) }}
	ring, err := keys.FromSecrets(config.Secret)
	if err != nil {
		return nil, err
	}
	n.list, err = revocation.NewList(n.store, revocation.ListOptions{
		OnStale: config.Policy, MaxStaleness: config.MaxStaleness, Now: n.now,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return nil, err
	}
	n.jar, err = sealjar.New[State](sealjar.Options{
		Keys: ring, Revocation: n.list, Now: n.now, Idle: config.Idle, Logger: slog.New(slog.DiscardHandler),
	})
	return n, err
}

// deadly is a store that can take its process with it.
type deadly struct {
	revocation.Store
	kill atomic.Bool
}

// Add kills the process, if it is to, at the worst moment: the entry is durable, and nobody has been told.
func (d *deadly) Add(ctx context.Context, entries ...revocation.Entry) error {
	err := d.Store.Add(ctx, entries...)
	if d.kill.Load() && err == nil {
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	}
	return err
}
