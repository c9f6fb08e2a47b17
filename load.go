package sealjar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// load fills s with the session that the request's cookies bring: of several good ones the newest.
func (s *record) load(ctx context.Context, config *config, data dataText, r *http.Request) {
	s.config, s.data, s.ctx, s.now, s.err = config, data, ctx, config.now(), ErrNone
	s.events = s.eventSpace[:0]
	s.authTime = s.now.Truncate(time.Millisecond)
	s.request = r
	s.prompt = config.machineClock
	if !s.readHeader(r.Header) {
		s.readCookies(r.Header)
	}
	s.prompt = false
	if s.held.twins {
		s.note(Event{Kind: EventTwins, Err: errTwins, SessionID: s.claims.SessionID, Subject: s.claims.Subject, KeyID: s.claims.KeyID})
	}
	if !s.loaded && s.config.takeover == nil {
		return
	}
	err := errDecodePanics
	defer func() {
		if err == nil {
			return
		}
		claims := s.claims
		s.forget()
		s.refuse(&claims, &refusal{ErrInvalid, err})
	}()
	if s.config.takeover != nil {
		if s.takeOver(); !s.loaded {
			err = nil
			return
		}
	}
	if err = s.decode(); err != nil {
		return
	}
	s.err = nil
	if s.link == nil {
		s.link = s.base.link
	}
	s.id, s.subject, s.authTime = s.claims.SessionID, s.claims.Subject, s.claims.AuthTime
	s.remember, s.lifetime = s.base.remember, s.base.lifetime
	s.survived, s.methods, s.origin = s.base.survived, s.base.methods, s.base.origin
	s.groups, s.left = slices.Clone(s.base.groups), s.base.flashes
	s.note(Event{
		Kind: EventOpened, SessionID: s.id, Subject: s.subject, KeyID: s.claims.KeyID, Migrated: s.migrated != nil,
	})
}

// errDecodePanics stays if the application's own Migrate, UnmarshalJSON or source of sessions panics: who recovers
// finds an anonymous session and not half of one, which would take the place of the good one in the cookie.
var errDecodePanics = errors.New("sealjar: decoding its data panics")

// readCookies takes the best of the jar's cookies.
func (s *record) readCookies(h http.Header) {
	values, n := s.config.cookie.values(h)
	s.held.any, s.held.twins = n > 0, n > 1
	if s.config.cookie.chunks > 1 {
		s.readChunks(values[:n], h)
		return
	}
	for _, value := range values[:n] {
		if claims, err := s.consider(value); err != nil {
			s.refuse(&claims, err)
		}
	}
}

// consider opens one cookie and takes it if it is good and newer than what was there. The list is asked last: garbage
// costs it nothing. With an error it returns what is known of whom it refuses: nothing unless the token was good.
func (s *record) consider(value string) (token.Claims, error) {
	claims, err := s.codec().Open(value)
	if err != nil {
		return claims, refuseToken(err)
	}
	s.held.good++
	state, err := parseState(claims.State)
	if err != nil {
		return claims, &refusal{ErrInvalid, err}
	}
	if state.stored > 0 && state.data != nil {
		return claims, &refusal{ErrInvalid, errState} // it would be a row
	}
	end, err := s.endOf(&claims, &state)
	if err != nil {
		return claims, err
	}
	if s.loaded && !claims.IssuedAt.After(s.claims.IssuedAt) {
		return claims, nil
	}
	reference, fresh := state.stored > 0, true
	var stored *row
	if err = s.ask(&claims, &state); err == nil && s.config.mayBeInStore(&state) {
		if stored, err = s.getRow(s.ctx, &claims, &state); stored != nil {
			fresh = sameReference(&state, &stored.state)
			state = stored.state
		}
		if err == nil && !fresh { // what the token says was not all
			if end, err = s.endOf(&claims, &state); err == nil {
				err = s.ask(&claims, &state)
			}
		}
	}
	if err != nil {
		if !s.loaded && errors.Is(err, ErrUnavailable) {
			s.claims, s.base.origin, s.reference = claims, state.origin, reference // so that End can revoke it
		}
		return claims, err
	}
	s.loaded, s.claims, s.base, s.end = true, claims, state, end
	s.row, s.reference, s.fresh = stored, reference, fresh
	return claims, nil
}

// endOf is when a session ends, and an error if that is over.
func (s *record) endOf(claims *token.Claims, state *state) (time.Time, error) {
	if state.survived.After(s.now.Add(4 * token.Leeway)) {
		return time.Time{}, &refusal{ErrInvalid, errState} // it would outlive revocations that are still to come
	}
	end := s.config.lifetimeOf(state.remember, state.lifetime).end(claims.AuthTime, claims.IssuedAt, claims.Expiry)
	if !s.now.Before(end.Add(token.Leeway)) {
		return time.Time{}, refusals[token.ErrExpired]
	}
	return end, nil
}

// ask asks the list about a token. The first question of a request comes as soon as the clock was read, and the list needn't read it
// again. Before the next one a store may have been asked.
func (s *record) ask(claims *token.Claims, state *state) error {
	question := revocation.Claims{
		SessionID: claims.SessionID, TokenID: claims.TokenID, Subject: claims.Subject, KeyID: claims.KeyID,
		Groups: state.groups, AuthTime: claims.AuthTime, Origin: state.origin,
	}
	if s.prompt {
		question.Asked, s.prompt = s.now, false
	}
	return s.config.alive(s.ctx, question, state.survived)
}

// refuse remembers why there is no session. Of several reasons the one that says most counts.
func (s *record) refuse(claims *token.Claims, err error) {
	rank := func(err error) int {
		for i, is := range []error{ErrUnavailable, ErrRevoked, ErrExpired, ErrInvalid} {
			if errors.Is(err, is) {
				return 4 - i
			}
		}
		return 0
	}
	if rank(err) > rank(s.err) {
		s.err = err
	}
	s.note(Event{Kind: EventRefused, Err: err, SessionID: claims.SessionID, Subject: claims.Subject, KeyID: claims.KeyID})
}

// errNoText keeps the kind of a decoding error and drops its text, which may quote the data.
func errNoText(err error) error { return fmt.Errorf("%T", err) }

// alive asks the list about a session. See state for survived.
func (c *config) alive(ctx context.Context, claims revocation.Claims, survived time.Time) error {
	if c.revocation == nil {
		return nil
	}
	if err := askList(ctx, claims, survived, c.revocation.Check); err != nil {
		return refuseRevoked(err)
	}
	return nil
}

// firstAlive is the first millisecond, from the given time on, in which somebody with these names can sign in. Cutoffs lie up to
// twice the leeway ahead of a clock that is behind: see [Jar.EndAll]. If the names are revoked for longer than that, it
// returns an error that matches ErrRevoked.
func (c *config) firstAlive(ctx context.Context, claims revocation.Claims, from time.Time) (time.Time, error) {
	from = from.Truncate(time.Millisecond)
	alive := func(ms int) error {
		claims.AuthTime = from.Add(time.Duration(ms) * time.Millisecond)
		return c.alive(ctx, claims, time.Time{})
	}
	err := alive(0)
	if !errors.Is(err, ErrRevoked) {
		return from, err
	}
	const most = int((2*token.Leeway + time.Second) / time.Millisecond)
	if err := alive(most); err != nil {
		return time.Time{}, err
	}
	first := 1 + sort.Search(most-1, func(i int) bool { err = alive(i + 1); return !errors.Is(err, ErrRevoked) })
	if err = alive(first); err != nil {
		return time.Time{}, err
	}
	return claims.AuthTime, nil
}

// askList asks about the subject with a later time than about all else, if the session has survived revocations of the subject.
func askList(ctx context.Context, claims revocation.Claims, survived time.Time, ask func(context.Context, revocation.Claims) error) error {
	if !survived.After(claims.AuthTime) {
		return ask(ctx, claims)
	}
	subject := revocation.Claims{Subject: claims.Subject, AuthTime: survived} // Asked it is when the first answer has come
	claims.Subject = ""
	if err := ask(ctx, claims); err != nil {
		return err
	}
	return ask(ctx, subject)
}

// recheck asks the list again about a session that was loaded, as it is now: the request may have taken long.
func (s *record) recheck(ctx context.Context) error {
	if !s.loaded && !s.taken() {
		return nil
	}
	return s.config.alive(ctx, s.revocationClaims(), s.survived)
}

func (s *record) revocationClaims() revocation.Claims {
	claims := revocation.Claims{SessionID: s.id, Subject: s.subject, Groups: s.groups, AuthTime: s.authTime, Origin: s.origin}
	if s.id == s.claims.SessionID {
		claims.TokenID, claims.KeyID = s.claims.TokenID, s.claims.KeyID
	}
	return claims
}

// unconfirmed reports whether the list accepts the session only for want of knowledge. Such a session is not prolonged: it
// may have been revoked, and must not outlive the outage by that.
func (s *record) unconfirmed() bool {
	list, ok := s.config.revocation.(interface {
		Confirm(context.Context, revocation.Claims) error
	})
	if !ok {
		return false
	}
	err := askList(s.ctx, s.revocationClaims(), s.survived, list.Confirm)
	return err != nil && !errors.Is(err, revocation.ErrRevoked) // which the recheck finds, and tells
}

// revokeTimeout bounds a revocation, which the end of the request does not cancel: a client that hangs up after pressing
// "sign out" is signed out.
const revokeTimeout = 10 * time.Second

func (c *config) revoke(ctx context.Context, e revocation.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	if err := c.revocation.Revoke(ctx, e); err != nil {
		return fmt.Errorf("sealjar: revocation not recorded: %w", err)
	}
	return nil
}

// forget is how long a revocation must be remembered: as long as any token that it can refuse.
func (c *config) forget() time.Duration { return c.longest() + 2*token.Leeway }
