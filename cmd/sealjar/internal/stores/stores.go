// Package stores opens the store of an application's revocations by its URL.
package stores

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// Options says what a URL does not.
type Options struct {
	// Name is that of an SQL table or of a stream of NATS, or the prefix of Redis keys, if the application sets another
	// than the default.
	Name string
	// InsecureDurability accepts a store that may forget revocations.
	InsecureDurability bool
	// Create makes what the store needs, an SQL table or a stream, if it is not there.
	Create bool
	// Now tells the time. Required.
	Now func() time.Time
}

// Store is an open store. Close it in the end.
type Store struct {
	revocation.Store
	Close func() error
}

// opener opens the store that a URL names. Its errors don't repeat the URL, which may hold a password.
type opener func(ctx context.Context, url string, o Options) (*Store, error)

// schemes are the schemes of the URLs. A further store is a line here and a file beside this one.
var schemes = map[string]opener{
	"sqlite":     openSQLite,
	"postgres":   openPostgreSQL,
	"postgresql": openPostgreSQL,
	"mysql":      openMySQL,
	"mariadb":    openMySQL,
	"redis":      openRedis,
	"rediss":     openRedis,
	"nats":       openNATS,
}

// ErrURL says that the URL is of no kind that is known.
var ErrURL = errors.New("the URL of the store is not one of these")

// Open opens the store. An error that matches ErrURL is a mistake in the URL.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	scheme, _, _ := strings.Cut(url, ":")
	open := schemes[scheme]
	if open == nil {
		return nil, fmt.Errorf("%w: %s", ErrURL, strings.Join(slices.Sorted(maps.Keys(schemes)), ":, ")+":")
	}
	return open(ctx, url, o)
}
