package revocation_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// A user's sessions are revoked, up to now. Who signs in after that is good.
func ExampleMemory() {
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	list := &revocation.Memory{Now: func() time.Time { return now }}
	err := list.Revoke(context.Background(), revocation.Entry{
		Kind:   revocation.Subject,
		Name:   "alice",
		Cutoff: now,
		Until:  now.Add(31 * 24 * time.Hour), // longer than any of her sessions lives
		Reason: "lost her telephone",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, signedIn := range []time.Time{now.Add(-time.Hour), now, now.Add(time.Millisecond)} {
		err := list.Check(context.Background(), revocation.Claims{SessionID: "s1", Subject: "alice", AuthTime: signedIn})
		fmt.Println(signedIn.Format("15:04:05.000"), errors.Is(err, revocation.ErrRevoked))
	}
	fmt.Println(list.Len(), "entry")
	// Output:
	// 08:00:00.000 true
	// 09:00:00.000 true
	// 09:00:00.001 false
	// 1 entry
}

// What can be revoked: one session, one token, a user, a group, what a key has sealed, and everything.
func ExampleEntry() {
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	list := &revocation.Memory{Now: func() time.Time { return now }}
	session := revocation.Claims{
		SessionID: "s1", TokenID: "t1", Subject: "alice", KeyID: "k1", Groups: []string{"tenant-7"}, AuthTime: now.Add(-time.Hour),
	}
	for _, name := range []revocation.Name{
		{Kind: revocation.Session, Name: "s2"},
		{Kind: revocation.Token, Name: "t2"},
		{Kind: revocation.Subject, Name: "bob"},
		{Kind: revocation.Key, Name: "k2"},
		{Kind: revocation.Group, Name: "tenant-7"}, // the one that hits
		{Kind: revocation.All},
	} {
		entry := revocation.Entry{Kind: name.Kind, Name: name.Name, Cutoff: now, Until: now.Add(24 * time.Hour)}
		if err := list.Revoke(context.Background(), entry); err != nil {
			log.Fatal(err)
		}
		fmt.Println(name.Kind, list.Check(context.Background(), session))
	}
	// Output:
	// session <nil>
	// token <nil>
	// subject <nil>
	// key <nil>
	// group revocation: revoked: the sessions of one of its groups were ended
	// all revocation: revoked: all sessions were ended
}

// An entry is checked where it comes from outside.
func ExampleEntry_Check() {
	var kind revocation.Kind = "user"
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	for _, entry := range []revocation.Entry{
		{Kind: kind, Name: "alice", Cutoff: now, Until: now},
		{Kind: revocation.Subject, Cutoff: now, Until: now},
		{Kind: revocation.Subject, Name: "alice"},
		{Kind: revocation.Subject, Name: string(make([]byte, revocation.MaxName+1)), Cutoff: now, Until: now},
		{Kind: revocation.Subject, Name: "alice", Cutoff: now, Until: now, Reason: string(make([]byte, revocation.MaxReason))},
	} {
		fmt.Println(entry.Check())
	}
	// Output:
	// revocation: an entry has an unknown kind
	// revocation: an entry of kind subject needs a name
	// revocation: an entry needs a cutoff, and must not end before it
	// revocation: an entry's name or reason is longer than 255 bytes or not UTF-8
	// <nil>
}

// An outage is not a revocation: an application tells its users to come back, and signs nobody out.
func ExampleErrUnavailable() {
	answer := fmt.Errorf("%w: no connection since 09:00", revocation.ErrUnavailable)
	fmt.Println(errors.Is(answer, revocation.ErrRevoked), errors.Is(answer, revocation.ErrUnavailable))
	// Output: false true
}

func ExampleEntry_Refuses() {
	cutoff := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	all := revocation.Entry{Kind: revocation.All, Cutoff: cutoff}
	fmt.Println(all.Refuses(cutoff), all.Refuses(cutoff.Add(time.Millisecond)))
	// Output: true false
}
