// Package npm brings the packages of a folder that holds programs in JavaScript, for tests that run beside them.
package npm

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoNode says that this machine has no Node.js with npm.
var ErrNoNode = errors.New("npm: there is no node or no npm")

// Install brings the packages that the lock file of folder names, unless they are there, and returns the path of Node.js. No
// script of a package is run. Two processes must not install into one folder at a time.
func Install(folder string) (node string, err error) {
	if node, err = exec.LookPath("node"); err != nil {
		return "", ErrNoNode
	}
	lock, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return "", err
	}
	// npm writes this file when it has done.
	done, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return node, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", ErrNoNode
	}
	cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm: npm ci: %w: %.500s", err, text)
	}
	return node, nil
}
