//go:build unix

package fleet_test

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// visitor is a browser: it keeps its cookie, and asks whichever node it is told to.
type visitor struct{ cookie string }

// visit makes a request, keeps the cookie that comes back, and returns the status and the body. Where the node can't tell, as any
// may for a while whose store or machine is busy, it asks again.
func (v *visitor) visit(t testing.TB, p *process, request string) (status int, body string, set bool) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		status, body, set = v.once(t, p, request)
		if status != http.StatusServiceUnavailable || time.Now().After(end) {
			return status, body, set
		}
	}
}

// once is visit of a node that perhaps can't tell.
func (v *visitor) once(t testing.TB, p *process, request string) (status int, body string, set bool) {
	t.Helper()
	return v.do(t, p, v.request(t, p, request, nil))
}

func (v *visitor) request(t testing.TB, p *process, request string, body io.Reader) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, *p.url.Load()+path, body)
	require.NoError(t, err)
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie)
	}
	return r
}

func (v *visitor) do(t testing.TB, p *process, r *http.Request) (status int, body string, set bool) {
	t.Helper()
	response, err := p.client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	if line := response.Header.Get("Set-Cookie"); line != "" {
		v.cookie, _, _ = strings.Cut(line, ";")
		set = true
	}
	return response.StatusCode, strings.TrimSpace(string(text)), set
}

// signedIn returns a new visitor who has signed in on a node, and the id of the session.
func signedIn(t testing.TB, p *process, name string) (v *visitor, sid string) {
	t.Helper()
	v = &visitor{}
	status, sid, set := v.visit(t, p, "POST /signin?name="+name)
	require.Equal(t, http.StatusOK, status, sid)
	require.True(t, set)
	return v, sid
}

// slow begins a request whose body comes late. It returns when the handler has its session and waits for the body, which ends
// with the writer.
func (v *visitor) slow(t testing.TB, p *process, r *http.Request) (answered <-chan *http.Response) {
	t.Helper()
	waiting, done := make(chan struct{}), make(chan *http.Response, 1)
	r.Header.Set("Expect", "100-continue")
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(waiting) }}
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
	go func() {
		response, err := p.client.Do(r)
		if err != nil {
			response = nil
		}
		done <- response
	}()
	select {
	case <-waiting:
	case response := <-done:
		require.Fail(t, "the handler does not wait for the body", "%v", response)
	}
	return done
}
