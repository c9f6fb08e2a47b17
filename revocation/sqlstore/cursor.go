package sqlstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sealjar/sealjar/revocation"
)

// cursor is how far a node has read.
type cursor struct {
	// last is the row with the highest number that was seen, and its tag: if it is not there any more, the table is not
	// the one that it was. Sweep leaves the highest row alone, and a row that was the highest is there until it expires.
	last, tag int64

	// xmin is PostgreSQL's oldest open transaction at the read, and timeline its history: a standby that was promoted
	// has another.
	xmin     uint64
	timeline string

	// gaps are MySQL's numbers that were missing, oldest first.
	gaps []gap
}

// gap is one number that was missing, and the time by the server's clock after which it was given out.
type gap struct{ seq, seen int64 }

var errBadCursor = fmt.Errorf("sqlstore: %w", revocation.ErrCursor)

func (c *cursor) text() revocation.Cursor {
	var b strings.Builder
	fmt.Fprintf(&b, "%d/%d/%d/%s/", c.last, c.tag, c.xmin, c.timeline)
	for i, g := range c.gaps {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(g.seq, 10) + "@" + strconv.FormatInt(g.seen, 10))
	}
	return revocation.Cursor(b.String())
}

// maxCursor is longer than the text of any cursor: maxGaps numbers of 19 digits with as many of a time.
const maxCursor = (maxGaps + 4) * 41

func parseCursor(text revocation.Cursor) (*cursor, error) {
	c := new(cursor)
	if text == "" {
		return c, nil
	}
	parts := strings.Split(string(text), "/")
	if len(parts) != 5 || len(text) > maxCursor {
		return nil, errBadCursor
	}
	var errs [3]error
	c.last, errs[0] = strconv.ParseInt(parts[0], 10, 64)
	c.tag, errs[1] = strconv.ParseInt(parts[1], 10, 64)
	c.xmin, errs[2] = strconv.ParseUint(parts[2], 10, 64)
	c.timeline = parts[3]
	if errors.Join(errs[:]...) != nil {
		return nil, errBadCursor
	}
	if parts[4] == "" {
		return c, nil
	}
	for pair := range strings.SplitSeq(parts[4], ",") {
		seq, seen, _ := strings.Cut(pair, "@")
		var g gap
		g.seq, errs[0] = strconv.ParseInt(seq, 10, 64)
		g.seen, errs[1] = strconv.ParseInt(seen, 10, 64)
		if errors.Join(errs[:]...) != nil {
			return nil, errBadCursor
		}
		c.gaps = append(c.gaps, g)
	}
	return c, nil
}
