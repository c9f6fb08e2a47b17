package keys_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// A key file that is followed: a new version is noticed within about a second, and an older one is refused.
func ExampleOpenFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "keys.json")
	first, err := keys.Rotate(nil, keys.Policy{}, time.Now())
	if err != nil {
		panic(err)
	}
	second, err := first.WithVersion(first.Version() + 1)
	if err != nil {
		panic(err)
	}
	if err := keys.WriteFile(path, second); err != nil {
		panic(err)
	}
	file, err := keys.OpenFile(path, keys.FileOptions{Watch: keys.Watch{
		Logger:  slog.New(slog.DiscardHandler),
		Observe: func(e keys.Event) { fmt.Println("version", e.Version, "is in use:", e.Kind) },
	}})
	if err != nil {
		panic(err)
	}
	// An application runs file.Run(ctx) beside its server. Here a backup of the file is put back:
	if err := keys.WriteFile(path, first); err != nil {
		panic(err)
	}
	fmt.Println(errors.Is(file.Reload(), keys.ErrRollback))
	status := file.Status()
	fmt.Println(status.Version, errors.Is(status.Err, keys.ErrRollback))
	// Output:
	// version 2 is in use: loaded
	// version 2 is in use: refused
	// true
	// 2 true
}

// The ring that should follow another one: it is pure, so a schedule can be rehearsed.
func ExampleRotate() {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	policy := keys.Policy{Period: 30 * 24 * time.Hour, Algorithm: keys.EdDSA}
	ring, err := keys.Rotate(nil, policy, now)
	if err != nil {
		panic(err)
	}
	first := ring.Sealing(now)
	for day := range 35 {
		if ring, err = keys.Rotate(ring, policy, now.AddDate(0, 0, day)); err != nil {
			panic(err)
		}
	}
	later := now.AddDate(0, 0, 35)
	warnings, err := ring.Check(policy, later)
	fmt.Println(ring.Sealing(later) != first, ring.Key(first.ID()) != nil, len(warnings), err)

	public, err := keys.Public(ring) // for those who verify and never seal
	fmt.Println(len(public) > 0, err)
	// Output:
	// true true 0 <nil>
	// true <nil>
}

// Keys that rotate by themselves, on any number of nodes that share a store. The ring lies there sealed.
func ExampleNewRotator() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	var secret [32]byte
	_, _ = rand.Read(secret[:])
	sealer, err := keys.NewSealer(hex.EncodeToString(secret[:])) // as a rule from the environment
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), &keys.FileStore{Path: filepath.Join(dir, "keys.json")}
	rotator, err := keys.NewRotator(ctx, keys.RotatorOptions{
		Store: store, Sealer: sealer, Watch: keys.Watch{Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		panic(err)
	}
	// An application runs rotator.Run(ctx) beside its server, and gives the rotator to its jar.
	fmt.Println(len(rotator.Ring().Keys()), "keys: one seals, one is the spare")

	// An operator takes a key out of use, in one step that nobody else can come between.
	_, after, err := keys.Vault{Store: store, Sealer: sealer}.Update(ctx, func(ring *keys.Ring) (*keys.Ring, error) {
		ring, err := ring.Without(ring.Sealing(time.Now()).ID(), time.Now())
		if err != nil {
			return nil, err
		}
		return keys.Rotate(ring, keys.Policy{}, time.Now())
	})
	fmt.Println(len(after.Keys()), "keys again", err)
	// Output:
	// 2 keys: one seals, one is the spare
	// 2 keys again <nil>
}
