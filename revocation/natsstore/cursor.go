package natsstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// cursor is how far a node has read: the stream's identity, the last sequence, and the latest time that a message up to there
// was stored, in nanoseconds since 1970. A message with a later time and no later sequence is of another history.
type cursor struct {
	identity string
	seq      uint64
	at       int64
}

func (c *cursor) text() revocation.Cursor {
	return revocation.Cursor(c.identity + "/" + strconv.FormatUint(c.seq, 10) + "/" + strconv.FormatInt(c.at, 10))
}

// pass moves the cursor past a message.
func (c *cursor) pass(seq uint64, at time.Time) {
	c.seq, c.at = max(c.seq, seq), max(c.at, at.UnixNano())
}

var errCursor = fmt.Errorf("natsstore: %w", revocation.ErrCursor)

func parseCursor(text revocation.Cursor) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	if len(text) > 128 {
		return cursor{}, errCursor
	}
	parts := strings.Split(string(text), "/")
	if len(parts) != 3 || parts[0] == "" {
		return cursor{}, errCursor
	}
	seq, err1 := strconv.ParseUint(parts[1], 10, 64)
	at, err2 := strconv.ParseInt(parts[2], 10, 64)
	c := cursor{parts[0], seq, at}
	if err1 != nil || err2 != nil || c.text() != text || seq == 0 || at <= 0 {
		return cursor{}, errCursor
	}
	return c, nil
}
