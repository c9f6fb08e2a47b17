package sqlstore

import (
	"context"

	"github.com/sealjar/sealjar/revocation"
)

// AddSlowly is Add in a transaction that calls before when the rows have their numbers and are not visible yet.
func (s *Store) AddSlowly(ctx context.Context, before func(), entries ...revocation.Entry) error {
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := s.insert(ctx, tx, entries); err != nil {
		_ = tx.Rollback()
		return err
	}
	before()
	return tx.Commit()
}

// Gaps is how many missing numbers a cursor holds.
func Gaps(text revocation.Cursor) int {
	c, err := parseCursor(text)
	if err != nil {
		return -1
	}
	return len(c.gaps)
}

// MaxGaps and GapLife are limits that tests go beyond.
const (
	MaxGaps = maxGaps
	GapLife = gapLife
)
