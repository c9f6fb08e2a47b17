package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long an answer may take before the suite gives up. Nothing is expected to take any time.
const patience = time.Minute

// probe examines one behaviour. It is the T of its requirements.
type probe struct {
	target   Target
	about    About
	ahead    time.Duration // of the site's clock
	prefix   string        // of its pages
	missing  string
	cleanups []func()

	mu       sync.Mutex
	failures []string
}

// Errorf and FailNow make it a require.TestingT.
func (p *probe) Errorf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = append(p.failures, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (p *probe) FailNow() { runtime.Goexit() }

func (p *probe) cleanup() {
	for _, f := range p.cleanups {
		f()
	}
}

// control drives the site.
func (p *probe) control(what string) string {
	r := p.do(context.Background(), http.MethodPost, "/control/"+what, nil)
	require.Equal(p, http.StatusOK, r.StatusCode, "control: %s: %s", what, r.body)
	return r.body
}

// wait sets the clock of the site ahead by another d.
func (p *probe) wait(d time.Duration) {
	p.ahead += d
	p.control("clock?ahead=" + p.ahead.String())
}

func (p *probe) now() time.Time { return time.Now().Add(p.ahead) }

// do makes one request, without cookies of its own.
func (p *probe) do(ctx context.Context, method, path string, header http.Header) *reply {
	r, err := p.send(ctx, method, path, header)
	require.NoError(p, err)
	return r
}

func (p *probe) send(ctx context.Context, method, path string, header http.Header) (*reply, error) {
	response, err := p.begin(ctx, method, path, header)
	if err != nil {
		return nil, err
	}
	return p.finish(response), nil
}

// begin returns when the header has come.
func (p *probe) begin(ctx context.Context, method, path string, header http.Header) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	p.mu.Lock()
	p.cleanups = append(p.cleanups, cancel)
	p.mu.Unlock()
	if !strings.HasPrefix(path, "/control/") {
		path = p.prefix + path
	}
	request, err := http.NewRequestWithContext(ctx, method, p.target.URL+path, nil)
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	for name, value := range p.about.Header {
		request.Header.Set(name, value)
	}
	transport := http.DefaultTransport
	if p.target.Client != nil {
		transport = p.target.Client.Transport
	}
	response, err := transport.RoundTrip(request) // and not a client: redirects and cookies are what is examined
	if err == nil && p.target.HTTP2 && response.ProtoMajor != 2 {
		response.Body.Close()
		return nil, fmt.Errorf("conformance: the answer came by %s", response.Proto)
	}
	return response, err
}

func (p *probe) finish(response *http.Response) *reply {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &reply{Response: response, body: string(body), err: err}
}

// reply is a response as a client got it.
type reply struct {
	*http.Response
	body string
	err  error // of reading the body
}

// cookies are the cookies of a name that it sets.
func (r *reply) cookies(name string) (found []*http.Cookie) {
	for _, c := range r.Response.Cookies() {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
}

// words counts the words of a header that is a list.
func (r *reply) words(name string) map[string]int {
	count := make(map[string]int)
	for _, line := range r.Header.Values(name) {
		for word := range strings.SplitSeq(line, ",") {
			if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
				count[word]++
			}
		}
	}
	return count
}
