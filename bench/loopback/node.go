package loopback

import (
	"path/filepath"

	"github.com/sealjar/sealjar/internal/npm"
)

// startNode starts the application in the folder node, with express-session and its memory store, or with
// express-mysql-session if there is the socket of a database. The packages that the lock file names come from npm at
// the first time.
func startNode(name, folder, payload, socket string) (*Server, error) {
	node, err := npm.Install(folder)
	if err != nil {
		return nil, err
	}
	env := []string{"NODE_ENV=production", "PAYLOAD=" + payload, "SOCKET=" + socket}
	return start(name, env, node, filepath.Join(folder, "server.js"))
}
