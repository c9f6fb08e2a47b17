package targets

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/npm"
)

// startExpress starts the site with express-session, whose packages come from npm by the lock file at the first time.
func startExpress() (conformance.Target, func(), error) {
	fail := func(err error) (conformance.Target, func(), error) { return conformance.Target{}, nil, err }
	_, file, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(file), "express")
	node, err := npm.Install(folder)
	if err != nil {
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
