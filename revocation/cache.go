package revocation

import (
	"sync"
	"time"
)

// cacheSize bounds the names of one generation of a cache. There are two.
const cacheSize = 4096

// cache keeps what a store has answered, for a short time. It is bounded: when the younger of two generations is full, the
// older one is dropped.
type cache struct {
	keep time.Duration

	mu         sync.Mutex
	young, old map[Name]answer
	forgotten  time.Time
}

type answer struct {
	Entry           // its Kind is empty if there was none
	asked time.Time // with the monotonic clock
}

func newCache(keep time.Duration) *cache { return &cache{keep: keep, young: make(map[Name]answer)} }

// get returns the entries of the names that were asked for not long ago, and the names that were not.
func (c *cache) get(names []Name, now time.Time) (found []Entry, unknown []Name) {
	if c.keep == 0 {
		return nil, names
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		a, ok := c.young[name]
		if !ok {
			a, ok = c.old[name]
		}
		switch {
		case !ok || now.Sub(a.asked) >= c.keep:
			unknown = append(unknown, name)
		case a.Kind != "":
			found = append(found, a.Entry)
		}
	}
	return found, unknown
}

// put keeps the answer to a question that was asked at that time.
func (c *cache) put(names []Name, found []Entry, asked time.Time) {
	if c.keep == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !asked.After(c.forgotten) {
		return // the answer may be from before a revocation of this process
	}
	if len(c.young)+len(names) > cacheSize {
		c.old, c.young = c.young, make(map[Name]answer)
	}
	answers := make(map[Name]answer, len(names))
	for _, name := range names {
		answers[name] = answer{asked: asked}
	}
	for _, e := range found {
		answers[Name{e.Kind, e.Name}] = answer{e, asked}
	}
	for name, a := range answers {
		if !c.young[name].asked.After(asked) && !c.old[name].asked.After(asked) { // an answer that comes late is no news
			c.young[name] = a
		}
	}
}

// forget drops what is known about the name of an entry that this process has just recorded.
func (c *cache) forget(e Entry) {
	if c.keep == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := Name{e.Kind, e.Name}
	delete(c.young, name)
	delete(c.old, name)
	c.forgotten = time.Now()
}
