package sqlstore

import (
	"context"
	"errors"
	"slices"
)

const (
	// gapLife is for how long a missing number is asked for again, in milliseconds of the server's clock. A row is visible
	// addTimeout after it got its number or never, and the number was given out addTimeout, or less, after the time that the
	// next row has for its making.
	gapLife = 90_000

	// maxGaps is how many missing numbers are kept one by one. With more, the cursor stays where it is and rows come again.
	maxGaps = 4096
)

// readNumbers reads the rows with higher numbers than the last one and, if numbers are given out before rows become
// visible, those whose numbers were missing before.
func (s *Store) readNumbers(ctx context.Context, c *cursor, b *batch, withGaps bool) error {
	if err := s.checkLast(ctx, c); err != nil {
		return err
	}
	if withGaps {
		now, err := s.checkPrimary(ctx)
		if err != nil {
			return err
		}
		if err := s.fillGaps(ctx, c, b, now); err != nil {
			return err
		}
	}
	madeColumn, nowColumn := "0", "0"
	if withGaps {
		madeColumn, nowColumn = "made", serverNow
	}
	rows, err := s.db.QueryContext(ctx, "SELECT "+madeColumn+", "+nowColumn+", "+columns+" FROM "+s.options.Table+
		" WHERE seq > "+s.sql.places(0, 1)+" ORDER BY seq", c.last)
	if err != nil {
		return wrap("read", err)
	}
	defer rows.Close()
	last, stuck := c.last, false
	var made, now int64
	r := new(row)
	fields := append([]any{&made, &now}, r.fields()...)
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return wrap("read", err)
		}
		if err := b.add(r); err != nil {
			return err
		}
		// Numbers below a row that was made long ago are as old: they were swept, or never became a row.
		if missing := r.seq - last - 1; withGaps && missing > 0 && now-made < gapLife {
			stuck = stuck || int64(len(c.gaps))+missing > maxGaps
			for seq := last + 1; seq < r.seq && !stuck; seq++ {
				c.gaps = append(c.gaps, gap{seq, made})
			}
		}
		last = r.seq
		if !stuck {
			c.last, c.tag = r.seq, r.tag
		}
	}
	return wrap("read", rows.Err())
}

var errReplica = errors.New("sqlstore: the server is read-only: a replica, which may lag behind, or a primary that is being replaced")

// checkPrimary returns MySQL's clock in milliseconds since 1970, and an error if nobody may write to the server: who
// was connected to the primary by its address may find a replica there, and would believe to be up to date.
func (s *Store) checkPrimary(ctx context.Context) (now int64, err error) {
	var readOnly string
	if err := s.db.QueryRowContext(ctx, "SELECT "+serverNow+", @@global.read_only").Scan(&now, &readOnly); err != nil {
		return 0, wrap("read", err)
	}
	if readOnly != "0" && readOnly != "OFF" {
		return 0, errReplica
	}
	return now, nil
}

// fillGaps asks for the missing numbers and gives up those that are too old.
func (s *Store) fillGaps(ctx context.Context, c *cursor, b *batch, now int64) error {
	for rest := slices.Clone(c.gaps); len(rest) > 0; {
		n := min(len(rest), maxRows)
		args := make([]any, 0, n)
		for _, g := range rest[:n] {
			args = append(args, g.seq)
		}
		rest = rest[n:]
		rows, err := s.db.QueryContext(ctx, "SELECT "+columns+" FROM "+s.options.Table+" WHERE seq IN ("+s.sql.places(0, n)+")", args...)
		if err != nil {
			return wrap("read", err)
		}
		err = scan(rows, func(r *row) error {
			c.gaps = slices.DeleteFunc(c.gaps, func(g gap) bool { return g.seq == r.seq })
			return b.add(r)
		})
		if err != nil {
			return wrap("read", err)
		}
	}
	// Only after they were asked for once more: the reader itself may have been slow.
	c.gaps = slices.DeleteFunc(c.gaps, func(g gap) bool { return now-g.seen >= gapLife })
	return nil
}
