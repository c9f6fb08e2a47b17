package targets

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sealjar/sealjar/internal/conformance"
)

// ErrNoNode says that this machine has no Node.js with npm.
var ErrNoNode = errors.New("targets: there is no node or no npm")

// startExpress starts the site with express-session, whose packages come from npm by the lock file at the first time.
func startExpress() (conformance.Target, func(), error) {
	fail := func(err error) (conformance.Target, func(), error) { return conformance.Target{}, nil, err }
	node, err := exec.LookPath("node")
	if err != nil {
		return fail(ErrNoNode)
	}
	_, file, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(file), "express")
	if err := install(folder); err != nil {
		return fail(err)
	}
	cmd := exec.Command(node, "server.js")
	cmd.Dir, cmd.Env, cmd.Stderr = folder, append(os.Environ(), "NODE_ENV=test"), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return fail(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fail(err)
	}
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true}
	stop := func() {
		transport.CloseIdleConnections()
		_ = in.Close() // it ends with its input
		force := time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Kill() })
		defer force.Stop()
		_ = cmd.Wait()
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return fail(fmt.Errorf("targets: express does not start: %w", err))
	}
	return conformance.Target{URL: "http://" + strings.TrimSpace(address), Client: &http.Client{Transport: transport}}, stop, nil
}

// install brings the packages that the lock file names.
func install(folder string) error {
	lock, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return err
	}
	// npm writes this file when it has done.
	done, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return ErrNoNode
	}
	cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("targets: npm ci: %w: %.500s", err, text)
	}
	return nil
}
