package sealjar

import (
	"errors"
	"fmt"
	"time"

	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

const (
	defaultRow          = 128 << 10
	minRow              = 4 << 10
	defaultSpillTimeout = 2 * time.Second
)

// spilling is Options.Spill, checked and completed.
type spilling struct {
	store   spill.Store
	codec   *token.Codec // of rows
	always  bool
	most    int // bytes of a row
	timeout time.Duration
}

func (c *config) setSpill(o Options) (err error) {
	given := o.Spill
	if given.Store == nil {
		if given != (spill.Options{}) {
			return errors.New("sealjar: Options.Spill.Store is missing")
		}
		return nil
	}
	s := &spilling{store: given.Store, always: given.Always, most: given.MaxBytes, timeout: orDefault(given.Timeout, defaultSpillTimeout)}
	if s.most == 0 {
		s.most = defaultRow
	}
	switch {
	case isNil(given.Store):
		return fmt.Errorf("sealjar: Options.Spill.Store is a nil %T", given.Store)
	case s.most < minRow || s.most > spill.MaxSize:
		return fmt.Errorf("sealjar: Options.Spill.MaxBytes is %d: want %d to %d, or 0 for %d", s.most, minRow, spill.MaxSize, defaultRow)
	case s.timeout < time.Millisecond || s.timeout > time.Minute:
		return fmt.Errorf("sealjar: Options.Spill.Timeout is %v: want 1ms to 1m, or 0 for %v", s.timeout, defaultSpillTimeout)
	}
	// A purpose of its own: who reads the table can't use a row as a cookie, and no cookie is good as a row.
	s.codec, err = token.New(token.Config{
		Keys: o.Keys, Issuer: o.Issuer, Audience: "session-store/" + c.cookie.name, Now: c.now, MaxLength: s.most,
	})
	if err != nil {
		return fmt.Errorf("sealjar: Options: %w", err)
	}
	c.spill = s
	return nil
}

// row is what this request knows of a session in the store.
type row struct {
	id       string // the session's
	authTime time.Time
	state    state
	expiry   time.Time
	keyID    string
	size     int  // in bytes, if this request has written it
	theirs   bool // another request has made it what it is, which this one has not seen
}

func (r *row) written() int {
	if r == nil {
		return 0
	}
	return r.size
}

func (c *config) rowLimit() int {
	if c.spill == nil {
		return 0
	}
	return c.spill.most
}

// reference is the state of a token that only refers to a row: what is to be known before the store is asked, and the least
// version that the row must have. It has no data, so a jar that knows nothing of stores refuses it.
func (s *state) reference(version int64) state {
	return state{survived: s.survived, groups: s.groups, lifetime: s.lifetime, origin: s.origin, remember: s.remember, stored: version}
}

// isStored reports whether the session, as it is now, belongs into the store whatever its size.
func (s *record) isStored() bool {
	return s.config.spill != nil && (s.config.spill.always || s.rowNow() != nil)
}

// rowNow is the row of the session under the id that it has now, nil if none is known.
func (s *record) rowNow() *row {
	if s.row == nil || s.row.id != s.id {
		return nil
	}
	return s.row
}

// isStale reports whether the client holds something else than the reference that it should: a token from before the session
// went into the store, or a reference that was overtaken by another request.
func (s *record) isStale() bool {
	return s.loaded && s.isStored() && s.id == s.claims.SessionID && (!s.reference || !s.fresh)
}
