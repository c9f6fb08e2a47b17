package proof_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// client is a browser: it has one cookie and knows what the server should say next.
type client struct {
	cookie string
	n      int
}

func kidOf(cookie string) string {
	_, token, _ := strings.Cut(cookie, "=")
	head, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct{ Kid string }
	_ = json.Unmarshal(text, &header)
	return header.Kid
}

var browser = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}, Timeout: 10 * time.Second}

// ask sends a cookie to a node and returns what it says, and the cookie to send next.
func ask(url, cookie string) (a answer, next string, err error) {
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
	if err != nil || response.StatusCode != http.StatusOK {
		return a, "", fmt.Errorf("%s: %s %w", response.Status, body, err)
	}
	next = cookie
	for _, c := range response.Cookies() {
		next = c.Name + "=" + c.Value
	}
	return a, next, json.Unmarshal(body, &a)
}

// visit goes to a node. The session must be there, and count on.
func (c *client) visit(url string) error {
	a, next, err := ask(url, c.cookie)
	if err != nil {
		return err
	}
	if a.N != c.n+1 || a.Err != "" && c.cookie != "" {
		return fmt.Errorf("visit %d under key %s got the answer %d %s", c.n+1, kidOf(c.cookie), a.N, a.Err)
	}
	c.cookie, c.n = next, a.N
	return nil
}

// crowd is 200 sessions under load, each visit at the next node.
type crowd struct {
	clients []*client
	visits  atomic.Int64
	stop    func()
}

func newCrowd(t *testing.T, nodes func(i int) string) *crowd {
	c := &crowd{}
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 200 {
		c.clients = append(c.clients, &client{})
	}
	const workers = 4
	for w := range workers {
		all.Go(func() {
			for i := w; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				own := c.clients[w*200/workers : (w+1)*200/workers]
				if err := own[i%len(own)].visit(nodes(int(c.visits.Add(1)))); err != nil {
					t.Errorf("after %d visits: %v", c.visits.Load(), err)
					return
				}
				time.Sleep(time.Millisecond) // leave something for the nodes
			}
		})
	}
	c.stop = sync.OnceFunc(func() {
		close(done)
		all.Wait()
		browser.CloseIdleConnections()
	})
	t.Cleanup(c.stop)
	return c
}

func (c *crowd) kids() []string {
	found := make(map[string]bool)
	for _, one := range c.clients {
		found[kidOf(one.cookie)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// TestRotationUnderLoad takes the key files of three servers through add, seal, retire and remove, while 200 sessions go
// around among them. Each server has the file at its own time, and a clock of its own: one is 20 s ahead, one 9 s behind.
func TestRotationUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 12 s")
	}
	folder := t.TempDir()
	wall := clock{Began: time.Now()}
	ring, err := keys.Rotate(nil, policy, wall.now())
	require.NoError(t, err)
	first := ring.Sealing(wall.now()).ID()
	var nodes []*process
	var paths []string
	for i, skew := range []time.Duration{0, 20 * time.Second, -9 * time.Second} {
		path := filepath.Join(folder, fmt.Sprintf("keys-%d.json", i))
		require.NoError(t, keys.WriteFile(path, ring))
		paths = append(paths, path)
		nodes = append(nodes, start(t, setup{Path: path, Clock: clock{wall.Began, skew}}))
	}
	var copies sync.WaitGroup
	publish := func(next *keys.Ring) {
		ring = next
		for _, path := range paths {
			delay := rand.N(policy.Propagation / speed / 3) // the rest is for the node to look
			copies.Go(func() {
				time.Sleep(delay)
				if have, err := keys.ReadFile(path, keys.Options{OpenOnly: true}); err == nil && have.Version() < next.Version() {
					require.NoError(t, keys.WriteFile(path, next))
				}
			})
		}
	}
	load := newCrowd(t, func(i int) string { return nodes[i%len(nodes)].url })

	// Keys come, take over and go by themselves, until the first one has gone and every node knows the spare.
	sealed := map[string]bool{}
	spareIsKnown := func() bool {
		spare := ring.Spare(wall.now())
		return spare != nil && wall.now().After(spare.Created().Add(policy.Propagation))
	}
	for (ring.Key(first) != nil || !spareIsKnown()) && !t.Failed() {
		next, err := keys.Rotate(ring, policy, wall.now())
		require.NoError(t, err)
		if next != ring {
			publish(next)
		}
		sealed[ring.Sealing(wall.now()).ID()] = true
		time.Sleep(50 * time.Millisecond)
	}
	require.GreaterOrEqual(t, len(sealed), 4)

	// The key that seals is retired early: the spare takes over.
	retired := ring.Sealing(wall.now()).ID()
	parked := parkedUnder(t, nodes[0].url, retired)
	next, err := ring.Retire(retired, policy, wall.now())
	require.NoError(t, err)
	publish(next)
	time.Sleep(2 * time.Second)
	load.stop()
	copies.Wait()
	for _, c := range load.clients { // once around, so that each has been seen by now
		require.NoError(t, c.visit(nodes[0].url))
	}
	current := ring.Sealing(wall.now()).ID()
	require.NotEqual(t, retired, current)
	require.Equal(t, []string{current}, load.kids(), "each session ends under the new key")
	t.Logf("%d visits under %d keys, none lost", load.visits.Load(), len(sealed)+1)

	// That key has leaked: it is removed, its tokens die everywhere, and the others live on.
	next, err = keys.Rotate(ring, policy, wall.now())
	require.NoError(t, err)
	next, err = next.Without(current, wall.now())
	require.NoError(t, err)
	for _, path := range paths {
		require.NoError(t, keys.WriteFile(path, next))
	}
	time.Sleep(200 * time.Millisecond) // four looks
	for _, node := range nodes {
		for _, c := range load.clients {
			a, _, err := ask(node.url, c.cookie)
			require.NoError(t, err)
			require.Contains(t, a.Err, "unknown key")
		}
		a, _, err := ask(node.url, parked.cookie)
		require.NoError(t, err)
		require.Empty(t, a.Err)
		require.Equal(t, parked.n+1, a.N)
	}
	browser.CloseIdleConnections()
}

// parkedUnder is a session that sleeps from now on.
func parkedUnder(t *testing.T, url, kid string) *client {
	c := &client{}
	require.NoError(t, c.visit(url))
	require.Equal(t, kid, kidOf(c.cookie))
	return c
}

// TestRotatorsThatAreKilled lets three servers rotate the keys in one file, and kills one of them every now and then, wherever it
// is. Each step is taken once, and no session is lost.
func TestRotatorsThatAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 7 s")
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	wall := clock{Began: time.Now()}
	var mu sync.Mutex
	nodes := make([]*process, 3)
	skews := []time.Duration{0, 20 * time.Second, -9 * time.Second}
	var starting sync.WaitGroup
	for i := range nodes { // at the same time, over no file at all
		starting.Go(func() { nodes[i] = start(t, setup{Path: path, Rotates: true, Clock: clock{wall.Began, skews[i]}}) })
	}
	starting.Wait()
	// The client goes to nodes that are not being killed, as a load balancer would.
	up := []bool{true, true, true}
	load := newCrowd(t, func(i int) string {
		mu.Lock()
		defer mu.Unlock()
		for !up[i%3] {
			i++
		}
		return nodes[i%3].url
	})

	seen := map[int64]*keys.Ring{}
	look := func() {
		ring, err := keys.ReadFile(path, keys.Options{OpenOnly: true})
		require.NoError(t, err, "the file is whole at any time")
		seen[ring.Version()] = ring
	}
	killed := 0
	for i := 0; time.Since(wall.Began) < 7*time.Second && !t.Failed(); i++ {
		look()
		if i%8 == 7 {
			victim := killed % 3
			mu.Lock()
			up[victim] = false
			mu.Unlock()
			time.Sleep(20 * time.Millisecond) // requests under way end
			nodes[victim].kill()
			again := start(t, setup{Path: path, Rotates: true, Clock: clock{wall.Began, skews[victim]}})
			mu.Lock()
			nodes[victim], up[victim] = again, true
			mu.Unlock()
			killed++
		}
		time.Sleep(20 * time.Millisecond)
	}
	load.stop()
	look()
	versions := slices.Sorted(maps.Keys(seen))
	made := map[string]bool{}
	for i, version := range versions {
		ring := seen[version]
		var starts []time.Time
		for _, k := range ring.Keys() {
			made[k.ID()] = true
			starts = append(starts, k.NotBefore())
		}
		slices.SortFunc(starts, time.Time.Compare)
		for i := 1; i < len(starts); i++ {
			require.GreaterOrEqual(t, starts[i].Sub(starts[i-1]), hasty.Period/2, "two keys for one period: a step was taken twice")
		}
		if i > 0 && version == versions[i-1]+1 {
			added := 0
			for _, k := range ring.Keys() {
				if seen[version-1].Key(k.ID()) == nil {
					added++
				}
			}
			require.LessOrEqual(t, added, 1)
		}
	}
	periods := int(wall.now().Sub(wall.Began)/hasty.Period) + 2 // the first, and the spare
	require.InDelta(t, periods, len(made), 2, "one new key a period")
	t.Logf("%d visits, %d nodes killed, %d versions, %d keys", load.visits.Load(), killed, len(versions), len(made))
}
