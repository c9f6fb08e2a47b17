//go:build unix

package expressproof

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Setup is what the application in the folder node is told.
type Setup struct {
	MySQL      *Address `json:"mysql,omitempty"`
	PostgreSQL string   `json:"postgresql,omitempty"` // a URL
	Secrets    []string `json:"secrets"`
	MaxAge     int64    `json:"maxAge"` // milliseconds
}

// Address is where MySQL listens.
type Address struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

// StartNode starts the application, with the packages that its lock file names, and returns its address. Stop may be called again.
func StartNode(tb testing.TB, setup Setup) (url string, stop func()) {
	tb.Helper()
	install(tb, "node")
	text, err := json.Marshal(setup)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command("node", "server.js")
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

// install brings the packages that the lock file names, once.
func install(tb testing.TB, folder string) {
	tb.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				tb.Fatal(err)
			}
			tb.Skip("Node.js with npm is not installed (Debian: apt-get install nodejs npm)")
		}
	}
	lock, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		tb.Fatal(err)
	}
	// npm writes this file when it has done.
	done, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	if text, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("expressproof: npm ci: %v: %.500s", err, text)
	}
}
