package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
)

// readTransactions reads the rows of all transactions that may have ended since the last read. In the snapshot of the one
// statement every transaction below its xmin has ended, so nothing of them can appear later.
func (s *Store) readTransactions(ctx context.Context, c *cursor, b *batch) error {
	if err := s.checkLast(ctx, c); err != nil {
		return err
	}
	rows, err := s.db.QueryContext(ctx, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, "+
		"left(pg_walfile_name(pg_current_wal_lsn()), 8), r.seq, r.tag, r.kind, r.name, r.cutoff, r.expires, r.reason "+
		"FROM (SELECT 1) one LEFT JOIN "+s.options.Table+" r ON r.xid >= $1::text::xid8", strconv.FormatUint(c.xmin, 10))
	if err != nil {
		return wrap("read", err)
	}
	defer rows.Close()
	next := *c
	for first := true; rows.Next(); first = false {
		var r row
		var xmin string
		var seq, tag, cutoff, expires sql.NullInt64
		var kind sql.NullString
		if err := rows.Scan(&xmin, &next.timeline, &seq, &tag, &kind, &r.name, &cutoff, &expires, &r.reason); err != nil {
			return wrap("read", err)
		}
		if first {
			if next.xmin, err = strconv.ParseUint(xmin, 10, 64); err != nil {
				return wrap("read", err)
			}
			if c.timeline != "" && (next.timeline != c.timeline || next.xmin < c.xmin) {
				return errBadCursor
			}
		}
		if !seq.Valid {
			break // there is no row
		}
		r.seq, r.tag, r.kind, r.cutoff, r.expires = seq.Int64, tag.Int64, kind.String, cutoff.Int64, expires.Int64
		if r.seq > next.last {
			next.last, next.tag = r.seq, r.tag
		}
		if err := b.add(&r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return wrap("read", err)
	}
	*c = next
	return nil
}
