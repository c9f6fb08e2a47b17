package token

import (
	"encoding/base64"

	"github.com/sealjar/sealjar/keys"
)

// base64url is base64url without padding (RFC 7515, section 2), with unused bits zero: one text for each value.
var base64url = base64.RawURLEncoding.Strict()

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
	outer := base64url.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","kid":"` + key.ID() + `","cty":"JWT"}`))
	inner := base64url.EncodeToString([]byte(`{"alg":"` + string(key.Algorithm()) + `","kid":"` + key.ID() + `","typ":"session+jwt"}`))
	return &profile{
		key: key, outer: outer, outerAAD: []byte(outer), inner: inner + ".",
		signatureChars: base64url.EncodedLen(key.SignatureSize()),
	}
}

// decode appends the value of a base64url text to dst. It accepts one text only for each value: the decoder of the
// standard library skips line breaks, so the length must come out exactly as well.
func decode[T string | []byte](dst []byte, text T) ([]byte, bool) {
	if len(text)%4 == 1 {
		return nil, false
	}
	out, err := base64url.AppendDecode(dst, []byte(text))
	return out, err == nil && len(out)-len(dst) == base64url.DecodedLen(len(text))
}
