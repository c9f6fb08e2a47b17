//go:build unix

package fleet_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/revocation"
)

// patience bounds what should take milliseconds: a busy machine is no failed test.
const patience = time.Minute

// maxStaleness is short, so that tests need not wait for long, and longer than a busy machine keeps a process from its turn: a
// node must not be stale where no test has made it so.
const maxStaleness = 5 * time.Second

const secret = "RbXzc0TjSdB7dMqxTnJkk1X5jO3Kl8BPe2wVYgZ9hUI="

// process is a running node.
type process struct {
	t      testing.TB
	config fleet.Config
	url    atomic.Pointer[string] // another one after each start
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr *syncBuffer
	client *http.Client
	hasty  *http.Client // gives up after a while, and leaves it open what became of the request
}

// startNode starts a node for as long as the test runs.
func startNode(t testing.TB, config fleet.Config) *process {
	t.Helper()
	if config.Policy == 0 {
		config.Policy = revocation.Refuse
	}
	if config.MaxStaleness == 0 {
		config.MaxStaleness = maxStaleness
	}
	config.Secret = secret
	p := &process{t: t, config: config, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16, ExpectContinueTimeout: patience},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	p.hasty = &http.Client{Transport: p.client.Transport, Timeout: 2 * time.Second}
	p.start()
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		p.kill()
		if t.Failed() {
			t.Logf("a node said:\n%s", p.stderr)
		}
	})
	return p
}

// start starts the process, again after kill, and returns when it listens.
func (p *process) start() {
	p.t.Helper()
	program, err := os.Executable()
	require.NoError(p.t, err)
	config, err := json.Marshal(p.config)
	require.NoError(p.t, err)
	p.cmd, p.stderr = exec.Command(program), &syncBuffer{}
	p.cmd.Env = append(os.Environ(), fleet.Variable+"="+string(config))
	p.cmd.Stderr = p.stderr
	p.stdin, err = p.cmd.StdinPipe()
	require.NoError(p.t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, p.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(p.t, err, "the node does not start: %v", p.stderr)
	url := "http://" + strings.TrimSpace(line)
	p.url.Store(&url)
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ask makes a request of a test, and reads the answer into it.
func (p *process) ask(method, path, body string, answer any) error {
	return p.askBy(p.client, method, path, body, answer)
}

func (p *process) askBy(client *http.Client, method, path, body string, answer any) error {
	request, err := http.NewRequest(method, *p.url.Load()+"/test/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= 300:
		return statusError(strings.TrimSpace(string(text)))
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

type statusError string

func (e statusError) Error() string { return string(e) }

// revoke returns nil when the node says that the revocation is durable.
func (p *process) revoke(sid string) error {
	return p.askBy(p.hasty, "POST", "revoke?sid="+sid, "", nil)
}

// check judges session ids. Where the node can't tell, as any may for a while whose store or machine is busy, it asks again.
func (p *process) check(sids []string) (v fleet.Verdicts) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		v = p.checkOnce(sids)
		if v.Unknown == 0 || time.Now().After(end) {
			return v
		}
	}
}

// checkOnce is check of a node that perhaps can't tell.
func (p *process) checkOnce(sids []string) (v fleet.Verdicts) {
	p.t.Helper()
	require.NoError(p.t, p.ask("POST", "check", strings.Join(sids, "\n"), &v))
	return v
}

func (p *process) status() (s fleet.Status) {
	p.t.Helper()
	require.NoError(p.t, p.ask("GET", "status", "", &s))
	return s
}

// ready waits until the node can tell who was revoked.
func (p *process) ready() *process {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.status().Current }, patience, 5*time.Millisecond)
	return p
}

// newSID is a session id of the form that the library gives them.
func newSID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// requireRefused waits until the node refuses them all.
func (p *process) requireRefused(sids []string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.check(sids).Refused == len(sids) }, patience, 20*time.Millisecond)
}

// requireAccepted waits until the node can tell, and wants it to refuse none of them.
func (p *process) requireAccepted(sids []string) {
	p.t.Helper()
	var v fleet.Verdicts
	require.Eventually(p.t, func() bool {
		v = p.check(sids)
		return v.Refused > 0 || v.Accepted == len(sids)
	}, patience, 20*time.Millisecond)
	require.Equal(p.t, fleet.Verdicts{Accepted: len(sids)}, v)
}

// syncBuffer is a buffer that a process writes to while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
