package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

// ask makes one request with headers of its own.
func ask(t *testing.T, method, address, form string, header http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	require.NoError(t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := plainClient().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response, string(body)}
}

// visitor is a browser on the page of a demo that runs.
type visitor struct {
	*browser
	std, echo string
}

// visit starts the demo, and somebody comes who signs in if there is a name.
func visit(t *testing.T, name string) *visitor {
	t.Helper()
	v := &visitor{browser: newBrowser()}
	v.std, v.echo = start(t, filepath.Join(t.TempDir(), "keys.json"))
	v.get(t, v.std)
	if name != "" {
		v.post(t, v.std+"signin", "name="+name)
	}
	return v
}

// send posts a form of the page and keeps the cookie of the answer.
func (v *visitor) send(t *testing.T, path, form string) answer {
	t.Helper()
	a := ask(t, http.MethodPost, v.std+path, form, v.header())
	for _, c := range a.Cookies() {
		v.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return a
}

func (v *visitor) header() http.Header {
	var pairs []string
	for name, value := range v.cookies {
		pairs = append(pairs, name+"="+value)
	}
	if len(pairs) == 0 {
		return nil
	}
	return http.Header{"Cookie": {strings.Join(pairs, "; ")}}
}

// read gets JSON of the page.
func read[T any](t *testing.T, v *visitor, path string) (into T) {
	t.Helper()
	a := ask(t, http.MethodGet, v.std+path, "", v.header())
	require.Equal(t, http.StatusOK, a.StatusCode)
	require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	require.NoError(t, json.Unmarshal([]byte(a.body), &into))
	return into
}

// opinions are what the servers say, by their names.
func (v *visitor) opinions(t *testing.T) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, o := range read[[]opinion](t, v, "demo/servers") {
		said[o.Name] = o.Who.Subject
		if o.Status != http.StatusOK {
			said[o.Name] = http.StatusText(o.Status)
		}
	}
	return said
}

// watch reads the live page until it shows what is wanted.
func (v *visitor) watch(t *testing.T, wanted func(snapshot) bool) snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a busy machine is no failed test
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.std+"demo/live", nil)
	require.NoError(t, err)
	response, err := plainClient().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxMessage)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var s snapshot
			require.NoError(t, json.Unmarshal([]byte(data), &s))
			if wanted(s) {
				return s
			}
		}
	}
	require.Fail(t, "the live page ended")
	return snapshot{}
}
