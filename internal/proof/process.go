package proof

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// variable holds what a node is told by the test that starts it.
const variable = "SEALJAR_PROOF_NODE"

// IsNode reports whether this process is a node, and fills in what the test has told it. TestMain asks first.
func IsNode(setup any) bool {
	text := os.Getenv(variable)
	return text != "" && json.Unmarshal([]byte(text), setup) == nil
}

// Process is a node, seen from the test.
type Process struct {
	// URL is its address, empty as long as it has not told it.
	URL string

	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
}

// Start starts this test binary as a node, for as long as t runs at most. See [IsNode].
func Start(t *testing.T, setup any) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(os.Args[0]), lines: make(chan string, 1000)}
	text, err := json.Marshal(setup)
	p.cmd.Env = append(os.Environ(), variable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	in, inErr := p.cmd.StdinPipe()
	out, outErr := p.cmd.StdoutPipe()
	p.in = in
	if err := errors.Join(err, inErr, outErr); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for read := bufio.NewScanner(out); read.Scan(); {
			p.lines <- read.Text()
		}
	}()
	t.Cleanup(p.Kill)
	return p
}

// patience is how long a node may say nothing. It is generous, as everything here: a busy machine is no failed test.
const patience = time.Minute

// Next waits for what the node says next. An address is kept in URL as well. It may be called from any goroutine, and returns
// nothing when the node has failed, and so has the test.
func (p *Process) Next(t *testing.T) string {
	t.Helper()
	select {
	case line, ok := <-p.lines:
		if !ok {
			t.Error("the node has ended")
		}
		if strings.HasPrefix(line, "http://") {
			p.URL = line
		}
		return line
	case <-time.After(patience):
		t.Error("the node says nothing")
		return ""
	}
}

// Tell sends a line to the node.
func (p *Process) Tell(line string) { _, _ = fmt.Fprintln(p.in, line) }

// Kill ends the node as kill -9 does, wherever it is. It may be called again.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	for range p.lines { // until its output ends
	}
	_ = p.cmd.Wait()
	_ = p.in.Close()
}
