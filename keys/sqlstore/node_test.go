package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/proof"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/keys/sqlstore"
)

// hasty rotates as often as can be: by the fast clock of the proof there is a step in each second or so.
var hasty = keys.Policy{Period: 61 * time.Second, Propagation: 30 * time.Second, Session: proof.Session}

// setup is what a node is told by the process that starts it.
type setup struct {
	DSN   string
	Clock proof.Clock
}

// TestMain is a node instead if the environment says so.
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

// serve is a node that rotates its keys in a shared MariaDB.
func serve(s setup) error {
	db, err := sql.Open("mysql", s.DSN)
	if err != nil {
		return err
	}
	ctx, options := context.Background(), sqlstore.Options{Dialect: sqlstore.MySQL}
	if err := sqlstore.CreateTable(ctx, db, options); err != nil {
		return err
	}
	store, err := sqlstore.Open(ctx, db, options)
	if err != nil {
		return err
	}
	now, err := s.Clock.Open()
	if err != nil {
		return err
	}
	rotator, err := keys.NewRotator(ctx, keys.RotatorOptions{
		Store: stepping{store, proof.Commands()}, Policy: hasty, Interval: 20 * time.Millisecond, Timeout: time.Minute,
		Watch: keys.Watch{Now: now, Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		return err
	}
	return proof.Serve(rotator, now)
}

// stepping is a store whose writer stops between Load and Swap: it tells the test which version it is about to replace, and
// waits to be told to go on. Told to hang, it swaps, and what comes of that the rotator never hears.
type stepping struct {
	keys.Store
	commands <-chan string
}

const (
	goOn = "go"
	hang = "hang"
	hung = "hung"
)

func (s stepping) Swap(ctx context.Context, old int64, next keys.Document) error {
	fmt.Println("step", old)
	command := <-s.commands
	err := s.Store.Swap(ctx, old, next)
	if command == hang {
		fmt.Println(hung, err)
		select {}
	}
	return err
}
