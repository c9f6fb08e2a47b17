package sealjar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sealjar/sealjar/token"
)

// dataToSeal is data, or what the client holds if that is the same: this version of T may know less than the one that wrote it.
func (s *record) dataToSeal(data []byte) ([]byte, int) {
	if s.loaded && s.sameData(data) {
		return s.base.data, s.base.version
	}
	return data, s.config.version
}

// made is a token and what it says, or what the row says to which it refers.
type made struct {
	text      string
	claims    token.Claims
	state     state
	row       *row
	reference bool
}

func (m *made) written() int { return m.row.written() }

// carry makes the token that the client is to hold from now on. A session that is too large for it, or was so before,
// goes into the store, if there is one.
func (s *record) carry(ctx context.Context, data []byte, version int, expiry time.Time, changed bool, cookie *cookieForm) (made, error) {
	s.ensureID()
	next := state{
		data: data, flashes: slices.Concat(s.left, s.added), groups: s.groups, lifetime: s.lifetime, remember: s.remember,
		survived: s.survived, methods: s.methods, origin: s.origin, slots: s.slotsText(), version: version, link: s.linkToSeal(),
	}
	if !s.isStored() {
		m, err := s.makeToken(next, expiry)
		if err == nil {
			err = s.fits(&m, cookie)
		}
		if s.config.spill == nil || !errors.Is(err, ErrTooLarge) {
			return m, err
		}
	}
	return s.makeStored(ctx, next, expiry, changed, cookie)
}

// fits says whether browsers keep a token. In a header the codec's limit is all.
func (s *record) fits(m *made, cookie *cookieForm) error {
	if s.byHeader {
		return nil
	}
	if size, limit := cookie.size(m.text), s.limit(); size > limit {
		return fmt.Errorf("%w: cookie %s would have %d bytes, of which browsers keep %d; its data has %d bytes of JSON",
			ErrTooLarge, cookie.name, size, limit, len(m.state.data))
	}
	return nil
}

func (s *record) makeToken(next state, expiry time.Time) (made, error) {
	m := made{state: next}
	m.claims = token.Claims{
		Subject: s.subject, SessionID: s.id, AuthTime: s.authTime, Expiry: expiry,
		State: m.state.append(make([]byte, 0, len(next.data)+stateRoom)),
	}
	var err error
	m.text, err = s.codec().Seal(&m.claims)
	if errors.Is(err, token.ErrTooLong) {
		return m, fmt.Errorf("%w: its %d bytes of state do not fit into %d bytes", ErrTooLarge, len(m.claims.State), s.limit())
	}
	if err != nil {
		return m, fmt.Errorf("sealjar: sealing the session: %w", err)
	}
	if next.data != nil {
		m.state.data = m.claims.State[len(stateStart):][:len(next.data)] // the data itself may be memory that is used again
	}
	return m, nil
}

// limit is how many bytes a token may take on its way.
func (s *record) limit() int {
	if s.byHeader {
		return token.DefaultMaxLength
	}
	return s.config.cookie.chunks * maxCookie
}

// took makes m what the client holds.
func (s *record) took(m made) {
	s.loaded, s.claims, s.base, s.end = true, m.claims, m.state, m.claims.Expiry
	s.row, s.reference, s.fresh = m.row, m.reference, true
	s.left, s.added, s.slotsSet = m.state.flashes, nil, false
	if m.state.version == s.config.version {
		s.migrated = nil
	}
}

// seal writes the cookie, or the header of a session that came in one, and returns its size.
func (s *record) seal(ctx context.Context, h http.Header, data []byte, version int, expiry, now time.Time, changed bool) (size int, err error) {
	var cookie *cookieForm
	if !s.byHeader {
		if cookie, err = s.form(); err != nil {
			return 0, err
		}
	}
	next, err := s.carry(ctx, data, version, expiry, changed, cookie)
	if err != nil && !errors.Is(err, errOlderCookie) { // with that the client gets what it lacks, for the next try
		return 0, err
	}
	if size = len(next.text); s.byHeader {
		h[s.config.renewed] = []string{next.text}
	} else {
		size = cookie.size(next.text)
		s.held = cookie.set(h, next.text, next.claims.Expiry, now, s.remember, s.held)
	}
	s.forbidStoring(h)
	if err == nil {
		s.took(next)
	}
	return size, err
}

func (s *record) forbidStoring(h http.Header) {
	if err := forbidStoring(h); err != nil {
		s.note(Event{Kind: EventUncached, Err: err, SessionID: s.id, Subject: s.subject})
	}
}
