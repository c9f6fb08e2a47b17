package proof

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Client is a browser: it has one cookie and knows what the server should say next.
type Client struct {
	Cookie string
	N      int
}

// KeyID is the key of the cookie.
func (c *Client) KeyID() string {
	_, token, _ := strings.Cut(c.Cookie, "=")
	head, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct{ Kid string }
	_ = json.Unmarshal(text, &header)
	return header.Kid
}

var browser = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}, Timeout: patience}

// Ask sends a cookie to a node and returns what it says, and the cookie to send next.
func Ask(url, cookie string) (a Answer, next string, err error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return a, "", err
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	response, err := browser.Do(r)
	if err != nil {
		return a, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	if err != nil {
		return a, "", err
	}
	next = cookie
	for _, c := range response.Cookies() {
		next = c.Name + "=" + c.Value
	}
	return a, next, json.Unmarshal(body, &a)
}

// Visit goes to a node. The session must be there, and count on.
func (c *Client) Visit(url string) error {
	a, next, err := Ask(url, c.Cookie)
	if err != nil {
		return err
	}
	if a.N != c.N+1 || a.Err != "" && c.Cookie != "" {
		return fmt.Errorf("visit %d under key %s got the answer %d %s", c.N+1, c.KeyID(), a.N, a.Err)
	}
	c.Cookie, c.N = next, a.N
	return nil
}

// Crowd is 200 sessions under load, each visit at the next node.
type Crowd struct {
	Clients []*Client
	Visits  atomic.Int64
	// Stop ends the visits. It may be called again.
	Stop func()
}

// NewCrowd lets the sessions visit the nodes; nodes says which one is next, and is told when the visit is over. Each visit
// that goes wrong fails the test. The clock waits for them: none is left alone for half of its life.
func NewCrowd(t *testing.T, wall *Wall, nodes func(i int) (url string, done func())) *Crowd {
	c := &Crowd{}
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 200 {
		c.Clients = append(c.Clients, &Client{})
	}
	const workers = 4
	for w := range workers {
		own := c.Clients[w*200/workers : (w+1)*200/workers]
		visited := make([]time.Duration, len(own))
		for i := range visited {
			visited[i] = wall.Elapsed()
		}
		all.Go(func() {
			pace := wall.Pace(Session / 2)
			defer pace.End()
			for i := 0; ; i = (i + 1) % len(own) {
				select {
				case <-done:
					return
				default:
				}
				pace.Since(visited[i])
				visited[i] = wall.Elapsed()
				url, done := nodes(int(c.Visits.Add(1)))
				err := own[i].Visit(url)
				done()
				if err != nil {
					t.Errorf("after %d visits: %v", c.Visits.Load(), err)
					return
				}
				time.Sleep(time.Millisecond) // leave something for the nodes
			}
		})
	}
	c.Stop = sync.OnceFunc(func() {
		close(done)
		all.Wait()
		browser.CloseIdleConnections()
	})
	t.Cleanup(c.Stop)
	return c
}

// KeyIDs are the keys of all sessions.
func (c *Crowd) KeyIDs() []string {
	found := make(map[string]bool)
	for _, one := range c.Clients {
		found[one.KeyID()] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// HangUp closes the connections that the visits have left open.
func HangUp() { browser.CloseIdleConnections() }
