package sealjar

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

// errOlderCookie says that a session was loaded from a cookie that is older than its row, and changed. What the row
// holds must not be lost to that; the client gets the reference and may try again.
var errOlderCookie = errors.New("sealjar: the session was changed on the basis of a cookie from before it went into the store, where it is newer")

const (
	// maxPuts is how often a request tries to write a row that others write at the same time.
	maxPuts = 32

	// maxStored is the highest version of a row: the largest integer that every JSON reader knows exactly.
	maxStored = 1<<53 - 1
)

// makeStored is makeToken for a session in the store: the row is written, unless it is there as it should be, and the
// token refers to it.
func (s *record) makeStored(ctx context.Context, next state, expiry time.Time, changed bool, cookie *cookieForm) (made, error) {
	changed = changed && (!s.taken() || s.differs(next.data)) // one that was only taken over has not changed in here
	known := s.rowNow()
	version := s.nextVersion(known, changed)
	if known != nil && (known.theirs && !changed || s.isAsItShouldBe(known, &next, expiry)) {
		there := *known
		there.size = 0 // it is not written again
		return s.refer(&there, &next, expiry, cookie)
	}
	// The token first: once the row is written nothing may fail. It asks for no more than this version, so it is good
	// for later ones.
	next.stored = version
	m, err := s.refer(&row{state: next}, &next, expiry, cookie)
	if err != nil {
		return m, err
	}
	authTime := s.authTime
	there, err := s.putRow(ctx, next, m.claims.Expiry, changed)
	switch {
	case there == nil:
		return m, err
	case there.theirs || there.state.stored < version || !s.authTime.Equal(authTime):
		m, failed := s.refer(there, &next, expiry, cookie)
		return m, cmp.Or(failed, err)
	}
	m.row, m.state = there, there.state
	return m, err
}

// isAsItShouldBe reports whether a row need not be written again.
func (s *record) isAsItShouldBe(known *row, next *state, expiry time.Time) bool {
	return !known.expiry.Before(expiry) && !s.isOld(known.keyID, s.config.now()) && sameState(&known.state, next)
}

// refer makes a token that refers to a row. What another request has made of the session is no change of this one's: it goes on
// from the state that it has seen.
func (s *record) refer(to *row, seen *state, expiry time.Time, cookie *cookieForm) (made, error) {
	m, err := s.makeToken(to.state.reference(to.state.stored), expiry)
	if err == nil {
		err = s.fits(&m, cookie)
	}
	m.row, m.state, m.reference = to, to.state, true
	if to.theirs {
		m.state = *seen
		m.state.data = bytes.Clone(seen.data) // which may be memory that is used again
	}
	return m, err
}

// nextVersion orders the changes of one session by the time at which they are made, so that of requests at the same
// time the last one wins; where clocks differ, a change is still later than the one that it has seen. What is written again
// without a change comes right after what it was, so that it takes nobody's place.
func (s *record) nextVersion(known *row, changed bool) int64 {
	version := s.config.now().UnixMicro()
	switch {
	case known != nil && !changed:
		version = known.state.stored + 1
	case known != nil:
		version = max(version, known.state.stored+1)
	}
	return min(max(version, 1), maxStored)
}

func sameState(a, b *state) bool {
	x, y := *a, *b
	x.stored, y.stored = 0, 0
	return bytes.Equal(x.append(nil), y.append(nil))
}

// putRow writes a row for at least as long as a token lives that refers to it: until the absolute end, so that to renew a session
// does not write. The end of the request does not cut it off in the middle. With errOlderCookie it returns the row that is there.
func (s *record) putRow(ctx context.Context, next state, expiry time.Time, changed bool) (*row, error) {
	store := s.config.spill
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), store.timeout)
	defer cancel()
	claims := token.Claims{Subject: s.subject, SessionID: s.id, AuthTime: s.authTime}
	known := s.rowNow()
	for range maxPuts {
		claims.Expiry = latest(expiry, s.authTime.Add(s.limits().absolute))
		written, err := s.sealRow(&claims, next)
		if err != nil {
			return nil, err
		}
		put := store.store.Replace
		if known == nil {
			put = store.store.Create
		}
		// Longer than the token, for stores whose clocks differ, and for the leeway.
		err = put(ctx, s.id, spill.Row{Version: next.stored, Data: written.text}, claims.Expiry.Add(2*token.Leeway))
		if err == nil {
			return &row{id: s.id, authTime: s.authTime, state: written.state, expiry: claims.Expiry, keyID: claims.KeyID, size: len(written.text)}, nil
		}
		if !errors.Is(err, spill.ErrConflict) {
			return nil, refuseStore(err)
		}
		var held state
		if known != nil {
			held = known.state
		}
		sought := claims
		if s.taken() {
			sought.AuthTime = time.Time{} // requests that take one session over at the same time may date it differently: the first counts
		}
		there, err := s.getRow(ctx, &sought, &held)
		if there != nil {
			s.authTime, claims.AuthTime = there.authTime, there.authTime
		}
		switch {
		case err != nil:
			return nil, err
		case there == nil: // it has just been deleted, or has expired
		case there.state.stored == next.stored && sameState(&there.state, &next): // ours, by a try of which the answer was lost
			there.size = len(written.text)
			return there, nil
		case !changed: // what the other has made of it stays
			there.theirs = true
			return there, nil
		case known == nil && s.loaded && s.id == s.claims.SessionID && !s.reference:
			return there, errOlderCookie
		default:
			known = there
		}
		next.stored = s.nextVersion(there, changed)
	}
	return nil, refuseStore(errors.New("others write the row without end"))
}

// sealed is a row's text and what it says.
type sealed struct {
	text  []byte
	state state
}

func (s *record) sealRow(claims *token.Claims, next state) (sealed, error) {
	claims.State = next.append(make([]byte, 0, len(next.data)+stateRoom))
	text, err := s.config.spill.codec.Seal(claims)
	if errors.Is(err, token.ErrTooLong) {
		return sealed{}, fmt.Errorf("%w: its %d bytes of state do not fit into a row of %d bytes", ErrTooLarge, len(claims.State), s.config.spill.most)
	}
	if err != nil {
		return sealed{}, fmt.Errorf("sealjar: sealing the session: %w", err)
	}
	next.data = claims.State[len(stateStart):][:len(next.data)] // the data itself may be memory that is used again
	return sealed{[]byte(text), next}, nil
}

// dropRow deletes the row of a session that was ended, or left for another id.
func (s *record) dropRow(ctx context.Context, id string) error {
	store := s.config.spill
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), store.timeout)
	defer cancel()
	err := store.store.Delete(bounded, id)
	if err != nil {
		err = fmt.Errorf("sealjar: the stored session was not deleted: %w", refuseStore(err))
		s.note(Event{Kind: EventEnded, SessionID: id, Subject: s.claims.Subject, KeyID: s.claims.KeyID, Err: err, Context: ctx})
	}
	return err
}

// dropReplaced deletes the row of the anonymous session whose place one that was taken over has taken.
func (s *record) dropReplaced(ctx context.Context) error {
	if s.other == nil || s.other.replaces == "" {
		return nil
	}
	id := s.other.replaces
	s.other.replaces = ""
	return s.dropRow(ctx, id)
}
