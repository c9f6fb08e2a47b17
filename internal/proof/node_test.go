// Package proof_test runs real server processes and takes their keys through everything that may happen to them.
package proof_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// speed is how much faster the clocks of the tests go: a minute in each second.
const speed = 60

// policy is that of the operator, by the fast clock: a key seals for two and a half minutes, sessions live for five.
var policy = keys.Policy{Period: 150 * time.Second, Propagation: 60 * time.Second, Session: 5 * time.Minute}

// hasty is that of the rotators: as many steps as can be.
var hasty = keys.Policy{Period: 61 * time.Second, Propagation: 30 * time.Second, Session: 5 * time.Minute}

// clock is a fast clock that is ahead by skew.
type clock struct {
	Began time.Time
	Skew  time.Duration
}

func (c clock) now() time.Time { return c.Began.Add(time.Since(c.Began)*speed + c.Skew) }

// setup is what a node is told by the process that starts it.
type setup struct {
	Path    string
	Rotates bool
	Clock   clock
}

// answer is what a node says of a session.
type answer struct {
	N   int
	Err string
}

type state struct{ N int }

// TestMain is a node instead if the environment says so: the test binary starts itself.
func TestMain(m *testing.M) {
	text := os.Getenv("SEALJAR_PROOF_NODE")
	if text == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is a node: an ordinary program with sessions. It ends when the test does, or when it is killed.
func serve(text string) error {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	logger := slog.New(slog.DiscardHandler)
	watch := keys.Watch{Logger: logger, Now: s.Clock.now}
	var source interface {
		keys.Source
		Run(context.Context) error
	}
	var err error
	if s.Rotates {
		source, err = keys.NewRotator(context.Background(), keys.RotatorOptions{
			Store: &keys.FileStore{Path: s.Path}, Policy: hasty, Interval: 20 * time.Millisecond, Watch: watch,
		})
	} else {
		source, err = keys.OpenFile(s.Path, keys.FileOptions{Policy: policy, Interval: 50 * time.Millisecond, Watch: watch})
	}
	if err != nil {
		return err
	}
	jar, err := sealjar.New[state](sealjar.Options{
		Keys: source, Logger: logger, Now: s.Clock.now, Absolute: 5 * time.Minute, RememberAbsolute: 5 * time.Minute,
	})
	if err != nil {
		return err
	}
	go func() { _ = source.Run(context.Background()) }()
	go func() { // the parent is gone
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(0)
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		a := answer{}
		if err := session.Err(); err != nil {
			a.Err = err.Error()
		}
		// A session ends five minutes after it was signed in, and the test takes longer.
		if session.Subject() == "" || s.Clock.now().Sub(session.AuthTime()) > time.Minute {
			if err := session.SignIn(r.Context(), "user"); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		session.Data.N++
		a.N = session.Data.N
		_ = json.NewEncoder(w).Encode(a)
	})))
}

// process is a node, seen from the test.
type process struct {
	*exec.Cmd
	url  string
	hold interface{ Close() error }
}

func start(t *testing.T, s setup) *process {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), "SEALJAR_PROOF_NODE="+string(text))
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	require.NoError(t, err)
	p.hold = in
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the node did not start")
	p.url = "http://" + strings.TrimSpace(line)
	t.Cleanup(func() { p.kill() })
	return p
}

// kill ends the node as kill -9 does, wherever it is.
func (p *process) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
	_ = p.hold.Close()
}
