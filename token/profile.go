package token

import (
	"github.com/sealjar/sealjar/internal/base64url"
	"github.com/sealjar/sealjar/keys"
)

const (
	nonceSize, tagSize   = 12, 16
	nonceChars, tagChars = 16, 22
)

// profile holds the two headers of one key as the token spells them. A header that is compared and never parsed has no
// alg to confuse, no crit, no zip, no jku, and no second spelling.
type profile struct {
	key            *keys.Key
	outer          string // the first segment of the JWE
	outerAAD       []byte // the same: what the JWE authenticates besides its content (RFC 7516, section 5.1, step 14)
	inner          string // the first segment of the JWS, and its dot
	signatureChars int
}

func newProfile(key *keys.Key) *profile {
	// A key id has no character that JSON would escape.
	outer := encode(`{"alg":"dir","enc":"A256GCM","kid":"` + key.ID() + `","cty":"JWT"}`)
	inner := encode(`{"alg":"` + string(key.Algorithm()) + `","kid":"` + key.ID() + `","typ":"session+jwt"}`)
	return &profile{
		key: key, outer: outer, outerAAD: []byte(outer), inner: inner + ".",
		signatureChars: base64url.EncodedLen(key.SignatureSize()),
	}
}

func encode(text string) string { return string(base64url.AppendEncode(nil, []byte(text))) }
