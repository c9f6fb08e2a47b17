package revocation_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

var store = new(revocation.Memory)

// A list runs beside the server. It goes into the jar's Options.Revocation.
func ExampleNewList() {
	// For a fleet: one of the subpackages sqlstore, redisstore and natsstore.
	var store revocation.Store = new(revocation.Memory)

	list, err := revocation.NewList(store, revocation.ListOptions{
		OnStale:      revocation.Refuse, // an outage of the store stops those who are signed in, rather than let in who was signed out
		MaxStaleness: 10 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	done := make(chan error)
	go func() { done <- list.Run(ctx) }()

	if err := list.RevokeSession(ctx, "q83vEjRWeJq83u8BI0VniQ", "reported stolen"); err != nil {
		log.Fatal("not recorded, try again: ", err)
	}
	err = list.Check(ctx, revocation.Claims{SessionID: "q83vEjRWeJq83u8BI0VniQ"})
	fmt.Println(err, errors.Is(err, revocation.ErrRevoked))
	fmt.Println(list.Status().Entries)

	stop()
	fmt.Println(<-done)
	// Output:
	// revocation: revoked: the session was ended true
	// 1
	// context canceled
}

// After an employee has left, wait until it is proven that no node accepts his sessions.
func ExampleList_Everywhere() {
	var list *revocation.List // from NewList, and running
	leave := func(ctx context.Context, user string) error {
		if err := list.RevokeSubject(ctx, user, time.Now().Add(token.Leeway), "left the company"); err != nil {
			return err
		}
		return list.Everywhere(ctx)
	}
	_ = leave
}

// What an operator lists.
func ExampleList_Entries() {
	at := time.Date(2126, 3, 14, 9, 0, 0, 0, time.UTC)
	list, err := revocation.NewList(new(revocation.Memory), revocation.ListOptions{OnStale: revocation.Refuse, Logger: quiet})
	if err != nil {
		log.Fatal(err)
	}
	_ = list.RevokeGroup(context.Background(), "tenant-7", at, "contract ended")
	err = list.Entries(context.Background(), func(e revocation.Entry) error {
		fmt.Println(e.Kind, e.Name, e.Cutoff.UTC().Format(time.DateOnly), e.Reason)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// group tenant-7 2126-03-14 contract ended
}

// A health check.
func ExampleList_Status() {
	var list *revocation.List // from NewList, and running
	healthy := func() bool {
		var s revocation.Status = list.Status()
		if !s.Current {
			log.Printf("last heard of the store %v ago: %v", s.Staleness, s.Err)
		}
		return s.Current
	}
	_ = healthy
}

// Who has to be called at night, what goes into the audit trail, and what is worth a line in the log.
func ExampleEvent() {
	observe := func(e revocation.Event) {
		switch e.Kind {
		case revocation.EventStale:
			log.Print("PAGE: nobody can tell who is signed out: ", e.Err)
		case revocation.EventResync, revocation.EventRestored:
			log.Print("WARN: has the store lost data? ", e.Count, e.Err)
		case revocation.EventRevoked:
			log.Print("AUDIT: ", e.Context.Value("operator"), e.Entry.Kind, e.Entry.Name, e.Entry.Reason, e.Err)
		case revocation.EventLoaded, revocation.EventRecovered, revocation.EventFailed, revocation.EventSwept:
			var kind revocation.EventKind = e.Kind
			log.Print(kind, e.Count, e.Err)
		}
	}
	_, _ = revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Observe: observe})
}

// A function that lives for a few requests asks the store, and holds an answer for a second.
func ExampleNewDirect() {
	var policy revocation.Policy = revocation.Allow // a toy: rather let in who was signed out than be away
	var direct *revocation.Direct
	direct, err := revocation.NewDirect(store, revocation.DirectOptions{OnError: policy, Cache: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(direct.Check(context.Background(), revocation.Claims{SessionID: "s", AuthTime: time.Now()}))
	// Output:
	// <nil>
}

// In one process, with the methods of a list: there is nothing to load, and nothing that runs.
func ExampleNewDirect_memory() {
	list, err := revocation.NewDirect(&revocation.Memory{}, revocation.DirectOptions{OnError: revocation.Refuse})
	if err != nil {
		log.Fatal(err)
	}
	ctx, signedIn := context.Background(), time.Now()
	if err := list.RevokeSubject(ctx, "alice", time.Now().Add(token.Leeway), "lost laptop"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.Check(ctx, revocation.Claims{SessionID: "s", Subject: "alice", AuthTime: signedIn}))
	// Output: revocation: revoked: the sessions of its subject were ended
}
