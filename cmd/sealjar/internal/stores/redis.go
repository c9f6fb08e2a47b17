package stores

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/sealjar/sealjar/revocation/redisstore"
)

// openRedis opens redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss: with TLS. A parameter addr=HOST:PORT, once for
// each further node, makes it a cluster.
func openRedis(ctx context.Context, address string, o Options) (*Store, error) {
	var client redis.UniversalClient
	if strings.Contains(address, "addr=") {
		options, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, fmt.Errorf("%w: not a URL of a Redis cluster", ErrURL)
		}
		options.ContextTimeoutEnabled = true
		client = redis.NewClusterClient(options)
	} else {
		options, err := redis.ParseURL(address)
		if err != nil {
			return nil, fmt.Errorf("%w: not a URL of Redis", ErrURL)
		}
		options.ContextTimeoutEnabled = true
		client = redis.NewClient(options)
	}
	store, err := redisstore.Open(ctx, client, redisstore.Options{Prefix: o.Name, InsecureDurability: o.InsecureDurability, Now: o.Now})
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	return &Store{store, client.Close}, nil
}
