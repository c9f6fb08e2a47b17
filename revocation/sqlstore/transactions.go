package sqlstore

import (
	"context"
	"strconv"
)

// readTransactions reads the rows of all transactions that may have ended since the last read. In the snapshot of the one
// statement every transaction below its xmin has ended, so nothing of them can appear later.
func (s *Store) readTransactions(ctx context.Context, c *cursor, b *batch) error {
	if err := s.checkLast(ctx, c); err != nil {
		return err
	}
	// One row more tells about the snapshot. As columns of every row this would be asked of the server, and sent, a
	// million times.
	rows, err := s.db.QueryContext(ctx, "SELECT 0::bigint, 0::bigint, pg_snapshot_xmin(pg_current_snapshot())::text, "+
		"convert_to(left(pg_walfile_name(pg_current_wal_lsn()), 8), 'UTF8'), 0::bigint, 0::bigint, ''::bytea "+
		"UNION ALL SELECT "+columns+" FROM "+s.options.Table+" WHERE xid >= $1::text::xid8", strconv.FormatUint(c.xmin, 10))
	if err != nil {
		return wrap("read", err)
	}
	defer rows.Close()
	next := *c
	r := new(row)
	fields := r.fields()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return wrap("read", err)
		}
		if r.seq == 0 {
			next.timeline = string(r.name)
			if next.xmin, err = strconv.ParseUint(string(r.kind), 10, 64); err != nil {
				return wrap("read", err)
			}
			if c.timeline != "" && (next.timeline != c.timeline || next.xmin < c.xmin) {
				return errBadCursor
			}
			continue
		}
		if r.seq > next.last {
			next.last, next.tag = r.seq, r.tag
		}
		if err := b.add(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return wrap("read", err)
	}
	*c = next
	return nil
}
