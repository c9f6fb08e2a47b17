package token

import (
	"bytes"
	"crypto/rand"
	"fmt"

	"github.com/sealjar/sealjar/internal/base64url"
)

// Seal makes a token of claims under the key that seals now. It completes claims as the token has them: TokenID is
// fresh, IssuedAt is now, Expiry is at the latest that of the key, KeyID is the key's, and times are cut to milliseconds.
//
// The error matches [ErrNoSealingKey], [ErrClaims] or [ErrTooLong]; claims may then have been changed.
func (c *Codec) Seal(claims *Claims) (string, error) {
	if len(claims.State) > c.maxLength {
		return "", fmt.Errorf("%w: the state alone has %d bytes", ErrTooLong, len(claims.State))
	}
	now := c.now()
	t := c.current()
	key := t.ring.Sealing(now)
	if key == nil {
		return "", ErrNoSealingKey
	}
	p := t.byKey[key]
	if end := key.Expiry(); !end.IsZero() && end.Before(claims.Expiry) {
		claims.Expiry = end
	}
	claims.KeyID = key.ID()
	claims.IssuedAt = cut(now)
	claims.Expiry, claims.AuthTime = cut(claims.Expiry), cut(claims.AuthTime)
	claims.TokenID = newTokenID()
	claims.State = bytes.Trim(claims.State, " \t\r\n")
	if err := claims.check(); err != nil {
		return "", err
	}
	if err := checkState(claims.State); err != nil {
		return "", err
	}
	s := c.borrow()
	defer c.giveBack(s)
	return p.seal(s, c, claims)
}

func (p *profile) seal(s *scratch, c *Codec, claims *Claims) (string, error) {
	s.sealed = c.appendClaims(s.sealed[:0], claims)
	defer clear(s.sealed[:cap(s.sealed)])
	plain := base64url.AppendEncode(append(s.plain[:0], p.inner...), s.sealed)
	s.plain = plain
	signature, err := p.key.Sign(s.signature[:0], plain)
	if err != nil {
		return "", err
	}
	s.signature = signature
	plain = base64url.AppendEncode(append(plain, '.'), signature)
	s.plain = plain

	length := len(p.outer) + 2 + nonceChars + 1 + base64url.EncodedLen(len(plain)) + 1 + tagChars
	if length > c.maxLength {
		return "", fmt.Errorf("%w: %d characters, at most %d", ErrTooLong, length, c.maxLength)
	}
	// sealed is nonce, ciphertext, tag: the three last segments of a JWE in their order.
	sealed := p.key.AEAD().Seal(s.sealed[:0], nil, plain, p.outerAAD)
	s.sealed = sealed
	token := append(s.token[:0], p.outer...)
	token = base64url.AppendEncode(append(token, '.', '.'), sealed[:nonceSize])
	token = base64url.AppendEncode(append(token, '.'), sealed[nonceSize:len(sealed)-tagSize])
	token = base64url.AppendEncode(append(token, '.'), sealed[len(sealed)-tagSize:])
	s.token = token
	return string(token), nil
}

func newTokenID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program rather than return an error
	var text [16]byte
	return string(base64url.AppendEncode(text[:0], id[:]))
}
