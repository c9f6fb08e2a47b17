package sealjar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

// commit brings the session into the header of the response that is about to leave. An error means that a change can't
// be written, so that the response, which may speak of it, must not leave as it is. The context is the request's: the one
// with which the session was loaded may be that of a piece of work which is over.
func (s *record) commit(ctx context.Context, h http.Header) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = true
	varyBy(h, "Cookie")
	if s.config.header != "" {
		varyBy(h, s.config.header)
	}
	panics := true
	defer func() {
		if panics {
			s.unwritten(errWritePanics)
		}
	}()
	err := s.write(ctx, h)
	panics = false
	if err != nil {
		s.sendSpare(h)
		s.unwritten(err)
	}
	return err
}

// errWritePanics is told if the application's own MarshalJSON or Adjust panics. Who recovers inside of the middleware answers then,
// and nobody asks for it again.
var errWritePanics = errors.New("sealjar: writing the session panics")

func (s *record) write(ctx context.Context, h http.Header) error {
	encoding, err := s.data.encode()
	if err != nil {
		return fmt.Errorf("sealjar: the session's data can't be encoded: %w", err)
	}
	defer encoding.release()
	data := encoding.text()
	changed := s.changed(data)
	s.clearOther(h)
	switch {
	case !changed && s.ended:
		if s.held.any && !s.config.readOnly {
			return s.remove(h)
		}
		return nil
	case s.config.readOnly:
		if changed {
			s.unwritten(errReadOnly)
		}
		return nil
	case changed && errors.Is(s.err, ErrUnavailable):
		s.unwritten(s.err) // an outage overwrites nothing
		return nil
	}
	now := s.config.now()
	s.keepOther()
	expiry, due := s.schedule(changed, now)
	if s.handed && !changed { // so no token leaves with this response, but one has left
		s.tellOther(ctx, h, data, false)
	}
	if !due {
		return nil
	}
	if !expiry.After(now) {
		s.lost(refusals[token.ErrExpired], !changed) // it ended while the request was under way, or lives by the leeway
		return nil
	}
	if s.byHeader && s.config.renewed == "" {
		if changed && s.subject == "" && (errors.Is(s.err, ErrInvalid) || errors.Is(s.err, ErrExpired) || errors.Is(s.err, ErrRevoked)) {
			s.lost(s.err, false) // a stranger's header is not the handler's mistake, nor is one that is over
			return nil
		}
		if changed {
			return errNoReturn
		}
		return nil // the client asks for another one in time
	}
	// A session that was revoked since it was loaded must not live on in a new token.
	if err := s.recheck(ctx); err != nil {
		s.lost(err, !changed)
		return nil
	}
	current := data
	data, version := s.dataToSeal(data)
	s.beginOther(ctx, current)
	left := s.storedElsewhere()
	size, err := s.seal(ctx, h, data, version, expiry, now, changed)
	if err != nil {
		s.undoOther(ctx)
		if !changed || s.taken() && (errors.Is(err, ErrTooLarge) || errors.Is(err, ErrUnavailable)) && !s.differs(data) {
			s.lost(err, true) // the session that the client holds, here or elsewhere, is still good
			return nil
		}
		if !s.config.now().Before(expiry) {
			s.unwritten(refusals[token.ErrExpired]) // between the look at the clock above and the codec's
			return nil
		}
		if errors.Is(err, spill.ErrGone) { // it was ended while the request was under way
			s.unwritten(err)
			return nil
		}
		return err
	}
	s.note(Event{
		Kind: EventSealed, SessionID: s.id, Subject: s.subject, KeyID: s.claims.KeyID, Size: size, Limit: s.limit(), Renewal: !changed,
		Row: s.row.written(), RowLimit: s.config.rowLimit(),
	})
	if left != "" {
		_ = s.dropRow(ctx, left) // which tells; without it the row stays until it expires
	}
	_ = s.dropReplaced(ctx) // which tells
	s.dropSpare(ctx)
	s.tellOther(ctx, h, current, changed)
	return nil
}

// storedElsewhere is the id that the session had in the store before it was renewed or signed in.
func (s *record) storedElsewhere() string {
	if s.config.spill == nil || s.id == s.claims.SessionID {
		return ""
	}
	if s.row != nil || s.loaded && (s.reference || s.config.spill.always) {
		return s.claims.SessionID
	}
	return ""
}

// changed reports whether the session is another one than the client holds. data is what Data encodes to.
func (s *record) changed(data []byte) bool {
	if !s.loaded {
		return s.taken() || s.subject != "" || s.remember || s.lifetime != 0 || len(s.groups)+len(s.left)+len(s.added)+len(s.slots) > 0 || !s.data.isZero(data)
	}
	return s.differs(data)
}

// differs reports whether the session is another one than was loaded, or taken over.
func (s *record) differs(data []byte) bool {
	b := &s.base
	if s.id != s.claims.SessionID || s.subject != s.claims.Subject || s.remember != b.remember || s.lifetime != b.lifetime ||
		!s.survived.Equal(b.survived) || !slices.Equal(s.methods, b.methods) || !slices.Equal(s.groups, b.groups) || len(s.added) > 0 || len(s.left) != len(b.flashes) || s.slotsChanged() {
		return true
	}
	return !s.sameData(data)
}

func (s *record) sameData(data []byte) bool {
	if same := bytes.Equal(data, s.text()); same || s.exact {
		return same
	}
	// Another text need not be another value: another version of T, or another implementation, may have written it.
	canonical, err := s.data.canonical(s.text())
	if err != nil {
		return false
	}
	defer canonical.release()
	return bytes.Equal(data, canonical.text())
}

// remove deletes what the client holds.
func (s *record) remove(h http.Header) error {
	cookie, err := s.form()
	if err != nil {
		return err
	}
	cookie.remove(h, s.held)
	s.forbidStoring(h)
	return nil
}

// schedule says whether a token is due, and when it is to end.
func (s *record) schedule(changed bool, now time.Time) (expiry time.Time, due bool) {
	l := s.limits()
	renewed := l.renewed(s.authTime, now)
	if key := s.config.keys.Ring().Sealing(now); key != nil && !key.Expiry().IsZero() {
		renewed = earliest(renewed, key.Expiry()) // else what can't be renewed would be tried on every response
	}
	if s.taken() && (!s.active || s.unconfirmed()) {
		return earliest(renewed, s.other.expiry), changed
	}
	if !s.loaded || s.id != s.claims.SessionID {
		return renewed, changed
	}
	asked, doubt := s.other != nil && s.other.asked, s.other != nil && s.other.doubt
	kept := earliest(s.end, renewed) // the lifetime may have been shortened just now
	prolong := changed || l.due(s.end, renewed, s.config.renewal)
	switch {
	case !s.active, prolong && (doubt || s.unconfirmed()):
		return kept, changed || asked || s.keyIsTainted(now)
	case prolong:
		return renewed, true
	}
	return kept, asked || s.keyIsOld(now) || s.isStale()
}

// keyIsOld reports whether the token that the client holds, or its row, is under a key that has been replaced or tainted.
func (s *record) keyIsOld(now time.Time) bool {
	return s.isOld(s.claims.KeyID, now) || s.row != nil && s.isOld(s.row.keyID, now)
}

// isOld : a key that does not seal here yet is not old, the node that used it has a faster clock.
func (s *record) isOld(keyID string, now time.Time) bool {
	ring := s.config.keys.Ring()
	sealing, held := ring.Sealing(now), ring.Key(keyID)
	return sealing != nil && held != nil && sealing != held && (held.Tainted() || !held.NotBefore().After(now))
}

// keyIsTainted reports whether the token must be replaced even if the request was passive.
func (s *record) keyIsTainted(now time.Time) bool {
	tainted := func(keyID string) bool {
		held := s.config.keys.Ring().Key(keyID)
		return held != nil && held.Tainted() && s.isOld(keyID, now)
	}
	return tainted(s.claims.KeyID) || s.row != nil && tainted(s.row.keyID)
}

// checkLate tells of changes that were made after the header had left. They are lost, but not in silence.
func (s *record) checkLate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quiet {
		return
	}
	encoding, err := s.data.encode()
	if err == nil {
		defer encoding.release()
	}
	if err != nil || s.changed(encoding.text()) {
		s.unwritten(ErrHeadersSent)
	}
}

// isChanged reports whether the session is another one than the client holds.
func (s *record) isChanged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	encoding, err := s.data.encode()
	if err != nil {
		return true
	}
	defer encoding.release()
	return s.changed(encoding.text()) || s.ended && s.held.any && !s.config.readOnly
}

// errNeverSent says why a change was lost though nothing was wrong with it.
var errNeverSent = errors.New("sealjar: the handler failed, and no response was written through the jar's middleware")

func (s *record) neverSent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = true
	s.unwritten(errNeverSent)
}

// unwritten tells that a change does not reach the client.
func (s *record) unwritten(err error) { s.lost(err, false) }

func (s *record) lost(err error, renewal bool) {
	s.quiet = true
	s.note(Event{
		Kind: EventUnwritten, Err: err, SessionID: s.id, Subject: s.subject, KeyID: s.claims.KeyID, Renewal: renewal,
	})
}

// errTimeout says why the session of a request that timed out is not written.
var errTimeout = errors.New("sealjar: the request timed out or was given up, and its handler may still be running")

// abandon leaves the session to a handler that runs on after its response has left.
func (s *record) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = true
	s.unwritten(errTimeout)
}
