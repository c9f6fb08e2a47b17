package backchannel

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxRemembered bounds the tokens of one generation. There are two. Only tokens of the provider's get in.
const maxRemembered = 16384

// replays remembers the tokens that were obeyed, for as long as they are good: when the younger of two generations is
// that old, or full, the older one is dropped. One that was forgotten too early is obeyed again, which ends nothing
// that is newer than the token.
type replays struct {
	keep time.Duration

	mu         sync.Mutex
	since      time.Time // when the younger one began
	young, old map[string][sha256.Size]byte
}

// seen reports whether a token with that id was obeyed, and whether it was this very one.
func (r *replays) seen(id, token string) (known, same bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	hash, known := r.young[id]
	if !known {
		hash, known = r.old[id]
	}
	return known, known && hash == sha256.Sum256([]byte(token))
}

func (r *replays) add(id, token string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch age := now.Sub(r.since); {
	case age >= 2*r.keep:
		r.old, r.young, r.since = nil, nil, now
	case age >= r.keep, len(r.young) >= maxRemembered:
		r.old, r.young, r.since = r.young, nil, now
	}
	if r.young == nil {
		r.young = make(map[string][sha256.Size]byte)
	}
	r.young[id] = sha256.Sum256([]byte(token))
}
