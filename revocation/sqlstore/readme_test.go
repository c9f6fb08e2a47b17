package sqlstore_test

import (
	"context"
	"database/sql"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/sqlstore"
)

// State is what README's sessions hold.
type State struct{ Views int }

// readme is README's code about revocation, so that it is compiled.
func readme(ctx context.Context, url string, ring *keys.Ring) (*sealjar.Jar[State], error) {
	db, err := sql.Open("pgx", url)                                                      // github.com/jackc/pgx/v5/stdlib
	store, err := sqlstore.Open(ctx, db, sqlstore.Options{Dialect: sqlstore.PostgreSQL}) // or redisstore, natsstore
	// A store that is away for more than 10 s. Refuse: gates answer 503, other pages see nobody. Allow: all go on, none can be revoked.
	list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse})
	go list.Run(ctx) // follows what any node revokes
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list})
	err = jar.EndAll(ctx, "alice") // on every device, also where a fast clock has just signed her in
	return jar, err
}

var _ = readme
