package keys

import (
	"context"
	"crypto/sha256"
	"time"
)

// unwrapPause is the least time between two tries to open one content that could not be opened: a key management service that is
// out of reach is asked again, and not each second by each node.
const unwrapPause = 30 * time.Second

// opener opens each content once, however often it is looked at: one that is refused stays where it is for as long as nobody
// mends it. The caller holds a lock.
type opener struct {
	sealer Sealer
	hash   [sha256.Size]byte
	ring   *Ring
	err    error
	at     time.Time // zero if nothing was opened yet
}

// open reads a key file, also one of which no key can seal now. With again it tries at once what has failed.
func (o *opener) open(ctx context.Context, data []byte, hash [sha256.Size]byte, now time.Time, again bool) (*Ring, error) {
	if !o.at.IsZero() && hash == o.hash && (o.ring != nil || !again && now.Sub(o.at) < unwrapPause) {
		return o.ring, o.err
	}
	ring, err := decode(ctx, data, o.sealer, Options{OpenOnly: true})
	if ctx.Err() == nil {
		o.hash, o.ring, o.err, o.at = hash, ring, err, now
	}
	return ring, err
}
