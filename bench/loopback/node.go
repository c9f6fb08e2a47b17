package loopback

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// startNode starts the application in the folder node, with express-session and its memory store, or with
// express-mysql-session if there is the socket of a database. The packages that the lock file names come from npm at the first time.
func startNode(name, folder, payload, socket string) (*Server, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("there is no node")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "express")); err != nil {
		install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = folder
		if out, err := install.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm ci: %w: %.200s", err, out)
		}
	}
	env := []string{"NODE_ENV=production", "PAYLOAD=" + payload, "SOCKET=" + socket}
	return start(name, env, node, filepath.Join(folder, "server.js"))
}
