package redisrows_test

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/expressbridge/redisrows"
)

// Data is what the application keeps in a session.
type Data struct{ Views int }

// The sessions of an application whose connect-redis has a prefix of its own.
func ExampleNew() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	rows, err := redisrows.New(client, redisrows.Options{Prefix: "shop:"})
	defer client.Close()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = expressbridge.New(expressbridge.Options[Data]{
		Rows:    rows,
		Secrets: []string{"keyboard cat"},
		Import: func(_ context.Context, old expressbridge.Old) (session expressbridge.Session[Data], err error) {
			session.Subject, _ = old.Values["user"].(string)
			return session, nil
		},
		Mode:      expressbridge.SideBySide,
		OnFailure: expressbridge.Refuse,
	})
	fmt.Println(err)

	hasty := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer hasty.Close()
	_, err = redisrows.New(hasty, redisrows.Options{})
	fmt.Println(err)
	// Output:
	// <nil>
	// redisrows: the client's ContextTimeoutEnabled is off: it would outlast a request's time
}
