package proof

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	text, err := json.Marshal(setup)
	require.NoError(t, err)
	p := &Process{cmd: exec.Command(os.Args[0]), lines: make(chan string, 1000)}
	p.cmd.Env = append(os.Environ(), variable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	p.in, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.lines)
		for read := bufio.NewScanner(out); read.Scan(); {
			p.lines <- read.Text()
		}
	}()
	t.Cleanup(p.Kill)
	return p
}

// patience is how long a node may say nothing. It is generous: a busy machine is no failed test.
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
