package main_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
	"github.com/sealjar/sealjar/internal/testserver"
)

// TestRevokeOnServers gives the command the URL of each kind of server: what one process revokes another lists.
func TestRevokeOnServers(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) string{
		"PostgreSQL": func(t *testing.T) string {
			_, url := testserver.PostgreSQL(t)
			return url
		},
		"MariaDB": func(t *testing.T) string {
			server, _ := testserver.MariaDB(t)
			return "mariadb://root@" + server.Addr + "/test"
		},
		"Redis": func(t *testing.T) string {
			return "redis://" + testserver.Redis(t, "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction").Addr
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := start(t)
			sealjar := func(arguments ...string) string {
				var out bytes.Buffer
				code := cli.Run(context.Background(), arguments, cli.Env{
					In: strings.NewReader(""), Out: &out, Err: &out, Now: time.Now,
					Getenv: func(variable string) string { return map[string]string{"SEALJAR_REVOCATIONS": url}[variable] },
				})
				require.Zero(t, code, out.String())
				return out.String()
			}
			sealjar("revocations", "init")
			sealjar("revoke", "subject", "alice", "--reason", "lost laptop")
			sealjar("revoke", "subject", "alice", "--reason", "lost laptop")
			sealjar("revoke", "session", "s1")
			list := sealjar("revocations", "list")
			require.Equal(t, 1, strings.Count(list, "alice"), list)
			require.Contains(t, list, "lost laptop")
			require.Contains(t, list, "s1")
		})
	}
}
