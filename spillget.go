package sealjar

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

var (
	errNoStore  = &refusal{ErrInvalid, errors.New("it is in a store, and Options.Spill is not set")}
	errGone     = &refusal{ErrInvalid, spill.ErrGone}
	errRow      = &refusal{ErrInvalid, errors.New("its row in the store is not of this session")}
	errRowOlder = &refusal{ErrInvalid, errors.New("its row in the store is older than the cookie: the store has lost a change")}
)

// mayBeInStore reports whether the session that the client holds, with this state, may have a row.
func (c *config) mayBeInStore(held *state) bool {
	return held.stored > 0 || c.spill != nil && c.spill.always
}

// getRow reads the row of a session of which the client holds a good token. Without an error and a row the session is
// in its cookie, from before every one of the jar's went into the store.
func (s *record) getRow(ctx context.Context, claims *token.Claims, held *state) (*row, error) {
	store := s.config.spill
	if store == nil {
		return nil, errNoStore
	}
	// A client that hangs up, or a handler that is out of time, must not look like a store that fails.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), store.timeout)
	defer cancel()
	found, err := store.store.Get(ctx, claims.SessionID)
	switch {
	case err != nil:
		return nil, refuseStore(err)
	case found.Version == 0 && held.stored > 0:
		return nil, errGone
	case found.Version == 0:
		return nil, nil
	}
	return store.open(found, claims, held)
}

// refuseStore is for a store that fails, which must not be taken for a session that is over.
func refuseStore(err error) error { return &refusal{ErrUnavailable, fmt.Errorf("its store: %w", err)} }

// open opens a row. Nothing that the store says is believed: the row must be of this session, of the version under which it was
// found, and not older than what the client holds. Claims without a time take that of the row.
func (p *spilling) open(found spill.Row, claims *token.Claims, held *state) (*row, error) {
	stored, err := p.codec.Open(string(found.Data))
	switch {
	case errors.Is(err, token.ErrExpired):
		return nil, refusals[token.ErrExpired]
	case err != nil:
		return nil, &refusal{ErrInvalid, fmt.Errorf("its row in the store: %w", err)}
	}
	state, err := parseState(stored.State)
	switch {
	case err != nil:
		return nil, &refusal{ErrInvalid, err}
	case state.data == nil, state.stored != found.Version, stored.SessionID != claims.SessionID,
		stored.Subject != claims.Subject, !claims.AuthTime.IsZero() && !stored.AuthTime.Equal(claims.AuthTime): // a session that gets another one gets another id
		return nil, errRow
	case state.stored < held.stored:
		return nil, errRowOlder
	}
	return &row{id: stored.SessionID, authTime: stored.AuthTime, state: state, expiry: stored.Expiry, keyID: stored.KeyID}, nil
}

// sameReference reports whether both are refused by the same revocations, and live equally long.
func sameReference(a, b *state) bool {
	return a.survived.Equal(b.survived) && a.lifetime == b.lifetime && a.remember == b.remember && a.origin == b.origin && slices.Equal(a.groups, b.groups)
}
