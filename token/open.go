package token

import (
	"strings"

	"github.com/sealjar/sealjar/internal/base64url"
)

// Open returns the claims of a token if everything about it is right, and otherwise an error that matches one of
// [ErrTooLong], [ErrMalformed], [ErrUnknownKey], [ErrKeyExpired], [ErrDecryption], [ErrSignature], [ErrClaims],
// [ErrIssuer], [ErrAudience], [ErrNotYet] and [ErrExpired], with no claims at all.
func (c *Codec) Open(token string) (Claims, error) {
	outer, nonce, sealed, tag, err := c.split(token)
	if err != nil {
		return Claims{}, err
	}
	p := c.current().byHeader[outer]
	if p == nil {
		if c.hint != nil {
			c.hint()
		}
		return Claims{}, ErrUnknownKey
	}
	now := c.now()
	if p.key.Expired(now) {
		return Claims{}, ErrKeyExpired
	}
	s := c.borrow()
	defer c.giveBack(s)
	payload, err := p.open(s, nonce, sealed, tag)
	if err != nil {
		return Claims{}, err
	}
	claims, err := c.decodeClaims(payload)
	if err != nil {
		return Claims{}, err
	}
	claims.KeyID = p.key.ID()
	if err := claims.checkTimes(now); err != nil {
		return Claims{}, err
	}
	return claims, nil
}

// split takes the token apart (RFC 7516, section 7.1) and checks all that can be seen from outside: five segments, no
// encrypted key (section 5.1, step 5: empty with dir), nonce and tag of their one length.
func (c *Codec) split(token string) (outer, nonce, sealed, tag string, err error) {
	if len(token) > c.maxLength {
		return "", "", "", "", ErrTooLong
	}
	outer, rest, _ := strings.Cut(token, ".")
	const frame = 1 + nonceChars + 1 + 1 + tagChars // .nonce.….tag
	if len(rest) < frame {
		return "", "", "", "", ErrMalformed
	}
	tagDot := len(rest) - tagChars - 1
	if rest[0] != '.' || rest[1+nonceChars] != '.' || rest[tagDot] != '.' {
		return "", "", "", "", ErrMalformed
	}
	// A sixth segment would put a dot into one of these, and no dot decodes.
	return outer, rest[1 : 1+nonceChars], rest[1+nonceChars+1 : tagDot], rest[tagDot+1:], nil
}

// open decrypts the token and verifies the signature inside. The payload that it returns is memory of its own.
func (p *profile) open(s *scratch, nonce, sealed, tag string) ([]byte, error) {
	s.sealed = s.sealed[:0]
	for _, segment := range [...]string{nonce, sealed, tag} {
		var ok bool
		s.token = append(s.token[:0], segment...)
		if s.sealed, ok = base64url.AppendDecode(s.sealed, s.token); !ok {
			return nil, ErrMalformed
		}
	}
	plain, err := p.key.AEAD().Open(s.plain[:0], nil, s.sealed, p.outerAAD)
	if err != nil {
		return nil, ErrDecryption
	}
	s.plain = plain

	// plain is header.payload.signature (RFC 7515, section 7.1), of which only the middle has a length of its own.
	dot := len(plain) - p.signatureChars - 1
	if dot < len(p.inner) || plain[dot] != '.' || string(plain[:len(p.inner)]) != p.inner {
		return nil, ErrMalformed
	}
	var ok bool
	if s.signature, ok = base64url.AppendDecode(s.signature[:0], plain[dot+1:]); !ok {
		return nil, ErrMalformed
	}
	if p.key.Verify(plain[:dot], s.signature) != nil {
		return nil, ErrSignature
	}
	payload, ok := base64url.AppendDecode(nil, plain[len(p.inner):dot])
	if !ok {
		return nil, ErrMalformed
	}
	return payload, nil
}
