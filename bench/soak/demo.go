package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Demo is examples/demo, built and started as anybody would.
type Demo struct {
	Server
	cmd    *exec.Cmd
	folder string
}

// StartDemo starts the demo on free ports, with sessions that live for as long as it is told.
func StartDemo(ctx context.Context, session time.Duration) (*Demo, error) {
	folder, err := os.MkdirTemp("", "sealjar-soak-")
	if err != nil {
		return nil, err
	}
	d := &Demo{folder: folder}
	program := filepath.Join(folder, "demo")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/sealjar/sealjar/examples/demo")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("soak: the demo can't be built: %w\n%s", err, out), d.Stop())
	}
	d.cmd = exec.Command(program, "-std", "0", "-echo", "0", "-session", session.String())
	d.cmd.Stderr = os.Stderr
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, d.Stop())
	}
	if err := d.cmd.Start(); err != nil {
		return nil, errors.Join(err, d.Stop())
	}
	d.PID = d.cmd.Process.Pid
	lines := bufio.NewScanner(out)
	for i := range d.URLs {
		if !lines.Scan() {
			return nil, errors.Join(errors.New("soak: the demo does not start"), d.Stop())
		}
		fields := strings.Fields(lines.Text())
		d.URLs[i] = fields[len(fields)-1]
	}
	return d, nil
}

// Stop ends it as Ctrl-C does. The error says that it did not end well.
func (d *Demo) Stop() (err error) {
	if d.cmd != nil && d.cmd.Process != nil {
		err = errors.Join(d.cmd.Process.Signal(os.Interrupt), d.cmd.Wait())
	}
	return errors.Join(err, os.RemoveAll(d.folder))
}
