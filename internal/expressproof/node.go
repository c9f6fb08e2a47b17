//go:build unix

package expressproof

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sealjar/sealjar/internal/npm"
)

// Setup is what the application in the folder node is told.
type Setup struct {
	MySQL      *Address `json:"mysql,omitempty"`
	PostgreSQL string   `json:"postgresql,omitempty"` // a URL
	Redis      string   `json:"redis,omitempty"`      // a URL
	Secrets    []string `json:"secrets"`
	MaxAge     int64    `json:"maxAge"` // milliseconds

	// RedisStore has options of connect-redis.
	RedisStore map[string]any `json:"redisStore,omitempty"`
}

// Address is where MySQL listens.
type Address struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

// StartNode starts the application, with the packages that its lock file names, and returns its address. Stop may be
// called again.
func StartNode(tb testing.TB, setup Setup) (url string, stop func()) {
	tb.Helper()
	node := install(tb, "node")
	text, err := json.Marshal(setup)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(node, "server.js")
	cmd.Dir, cmd.Env, cmd.Stderr = "node", append(os.Environ(), "NODE_ENV=test", "SETUP="+string(text)), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = in.Close() // it ends with its input
		force := time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Kill() })
		defer force.Stop()
		_ = cmd.Wait()
	}
	tb.Cleanup(stop)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal("expressproof: node does not start: ", err)
	}
	return strings.TrimSpace(address), stop
}

// install brings the packages of a folder, once.
func install(tb testing.TB, folder string) (node string) {
	tb.Helper()
	node, err := npm.Install(folder)
	switch {
	case errors.Is(err, npm.ErrNoNode) && os.Getenv("CI") != "true":
		tb.Skip("Node.js with npm is not installed (Debian: apt-get install nodejs npm)")
	case err != nil:
		tb.Fatal(err)
	}
	return node
}
