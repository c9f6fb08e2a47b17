package backchannel

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"

	"github.com/golang-jwt/jwt/v5"
)

// methods are the algorithms that there are: with a public key, all of them.
var methods = map[string]jwt.SigningMethod{
	"RS256": jwt.SigningMethodRS256, "RS384": jwt.SigningMethodRS384, "RS512": jwt.SigningMethodRS512,
	"PS256": jwt.SigningMethodPS256, "PS384": jwt.SigningMethodPS384, "PS512": jwt.SigningMethodPS512,
	"ES256": jwt.SigningMethodES256, "ES384": jwt.SigningMethodES384, "ES512": jwt.SigningMethodES512,
	"EdDSA": jwt.SigningMethodEdDSA,
}

// serves reports whether a key is of the type of an algorithm. The algorithm is never taken on the token's word (RFC
// 8725, section 3.1), and golang-jwt would verify ES256 with any curve.
func serves(public crypto.PublicKey, algorithm string) bool {
	switch method := methods[algorithm].(type) {
	case *jwt.SigningMethodRSA, *jwt.SigningMethodRSAPSS:
		_, ok := public.(*rsa.PublicKey)
		return ok
	case *jwt.SigningMethodECDSA:
		key, ok := public.(*ecdsa.PublicKey)
		return ok && key.Curve.Params().BitSize == method.CurveBits
	case *jwt.SigningMethodEd25519:
		_, ok := public.(ed25519.PublicKey)
		return ok
	}
	return false
}

func verifies(public crypto.PublicKey, algorithm, input string, signature []byte) bool {
	return methods[algorithm].Verify(input, signature, public) == nil
}
