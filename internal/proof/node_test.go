package proof_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/proof"
	"github.com/sealjar/sealjar/keys"
)

// policy is that of the operator, by the fast clock: a key seals for two and a half minutes.
var policy = keys.Policy{Period: 150 * time.Second, Propagation: 60 * time.Second, Session: proof.Session}

// hasty is that of the rotators: as many steps as can be.
var hasty = keys.Policy{Period: 61 * time.Second, Propagation: 30 * time.Second, Session: proof.Session}

// setup is what a node is told by the process that starts it.
type setup struct {
	Path    string
	Rotates bool
	Clock   proof.Clock
}

func TestMain(m *testing.M) {
	var s setup
	if !proof.IsNode(&s) {
		goleak.VerifyTestMain(m)
		return
	}
	if err := serve(s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(s setup) error {
	now, err := s.Clock.Open()
	if err != nil {
		return err
	}
	if err := s.Clock.Sit(); err != nil {
		return err
	}
	watch := keys.Watch{Logger: slog.New(slog.DiscardHandler), Now: now}
	var source proof.Source
	if s.Rotates {
		source, err = keys.NewRotator(context.Background(), keys.RotatorOptions{
			Store: &keys.FileStore{Path: s.Path}, Policy: hasty, Interval: 20 * time.Millisecond, Watch: watch,
		})
	} else {
		source, err = keys.OpenFile(s.Path, keys.FileOptions{Policy: policy, Interval: 50 * time.Millisecond, Watch: watch})
	}
	if err != nil {
		return err
	}
	proof.Commands()
	if err := s.Clock.Follow(source); err != nil {
		return err
	}
	return proof.Serve(source, now)
}

// start starts a node and waits for its address.
func start(t *testing.T, s setup) *proof.Process {
	t.Helper()
	p := proof.Start(t, s)
	if p.Next(t) == "" {
		t.FailNow()
	}
	return p
}
