package interop_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/npm"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		process.stop()
		os.Exit(code)
	}))
}

// request is a line for node/serve.mjs: Do is strict, open or mint.
type request struct {
	Do       string          `json:"do"`
	Keys     json.RawMessage `json:"keys"`
	Token    string          `json:"token"`
	Now      int64           `json:"now,omitempty"` // in milliseconds
	Issuer   string          `json:"issuer"`
	Audience string          `json:"audience"`
	Claims   json.RawMessage `json:"claims,omitempty"`
	KeyID    string          `json:"kid,omitempty"`
	Session  bool            `json:"session,omitempty"`
}

type answer struct {
	Claims  json.RawMessage `json:"claims"`
	Data    json.RawMessage `json:"data"`
	Refusal string          `json:"refusal"`
	Token   string          `json:"token"`
	Error   string          `json:"error"`
}

// process is the one program that all tests ask.
var process program

type program struct {
	once sync.Once
	err  error
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	mu   sync.Mutex
}

func (p *program) start() {
	var node string
	if node, p.err = npm.Install("node"); p.err != nil {
		return
	}
	p.cmd = exec.Command(node, "serve.mjs")
	p.cmd.Dir, p.cmd.Stderr = "node", os.Stderr
	if p.in, p.err = p.cmd.StdinPipe(); p.err != nil {
		return
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.err = err
		return
	}
	p.out = bufio.NewReader(out)
	p.err = p.cmd.Start()
}

func (p *program) stop() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.in.Close() // it ends with its input
	force := time.AfterFunc(3*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer force.Stop()
	_ = p.cmd.Wait()
}

func ask(t testing.TB, r request) answer {
	t.Helper()
	process.once.Do(process.start)
	if errors.Is(process.err, npm.ErrNoNode) && os.Getenv("CI") != "true" {
		t.Skip(process.err)
	}
	require.NoError(t, process.err)
	line := encode(t, r)
	process.mu.Lock()
	defer process.mu.Unlock()
	_, err := process.in.Write(append(line, '\n'))
	require.NoError(t, err)
	line, err = process.out.ReadBytes('\n')
	require.NoError(t, err)
	var a answer
	require.NoError(t, json.Unmarshal(line, &a))
	return a
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}
