package backchannel

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"math/big"
	"slices"

	"github.com/sealjar/sealjar/internal/base64url"
	"github.com/sealjar/sealjar/internal/strictjson"
)

// MaxKeySet is the most bytes of a JWK Set: 256 KiB.
const MaxKeySet = 256 << 10

// KeySet holds the public keys of a provider. It is immutable.
type KeySet struct{ keys []providerKey }

type providerKey struct {
	id, algorithm string // either may be empty
	public        crypto.PublicKey
}

// ParseKeySet reads a provider's JWK Set (RFC 7517, section 5), as its jwks_uri serves it. Keys of types that are of no
// use here, such as those for encryption, on other curves, and RSA keys of fewer than 2048 or more than 8192 bits, are
// ignored, as section 5 asks.
//
// The text must be strict JSON with no member twice. A set with a private key or with no key of use is an error.
func ParseKeySet(data []byte) (*KeySet, error) {
	if len(data) > MaxKeySet {
		return nil, errors.New("backchannel: the key set is too long")
	}
	if strictjson.Check(data) != nil {
		return nil, errors.New("backchannel: the key set is not strict JSON")
	}
	var set map[string]json.RawMessage // which, unlike a struct, does not fold the case of names
	var entries []map[string]json.RawMessage
	if json.Unmarshal(data, &set) != nil || json.Unmarshal(set["keys"], &entries) != nil {
		return nil, errors.New("backchannel: the key set is not a JWK Set")
	}
	s := &KeySet{}
	for _, jwk := range entries {
		if jwk["d"] != nil || jwk["k"] != nil {
			return nil, errors.New("backchannel: the key set has a secret in it: it is not a set for the public, and its keys can't be trusted")
		}
		if key, ok := parseJWK(jwk); ok {
			s.keys = append(s.keys, key)
		}
	}
	if len(s.keys) == 0 {
		return nil, errors.New("backchannel: the key set has no key of use")
	}
	return s, nil
}

func parseJWK(jwk map[string]json.RawMessage) (providerKey, bool) {
	var bad bool
	text := func(name string) string {
		value, ok := jwk[name]
		if !ok {
			return ""
		}
		t, isText := strictjson.Text(value)
		bad = bad || !isText
		return string(t)
	}
	bytes := func(name string) []byte {
		b, ok := base64url.AppendDecode(nil, []byte(text(name)))
		bad = bad || !ok || len(b) == 0
		return b
	}
	key := providerKey{id: text("kid"), algorithm: text("alg")}
	if use := text("use"); use != "" && use != "sig" || !mayVerify(jwk["key_ops"]) {
		return key, false
	}
	switch text("kty") {
	case "RSA":
		key.public = rsaKey(bytes("n"), bytes("e"))
	case "EC":
		key.public = ecKey(text("crv"), bytes("x"), bytes("y"))
	case "OKP":
		if x := bytes("x"); text("crv") == "Ed25519" && len(x) == ed25519.PublicKeySize {
			key.public = ed25519.PublicKey(x)
		}
	}
	return key, !bad && key.public != nil
}

func mayVerify(operations json.RawMessage) bool {
	var names []string
	return operations == nil || json.Unmarshal(operations, &names) == nil && slices.Contains(names, "verify")
}

func rsaKey(n, e []byte) crypto.PublicKey {
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	if bits := modulus.BitLen(); bits < 2048 || bits > 8192 || modulus.Bit(0) == 0 {
		return nil
	}
	if exponent.BitLen() > 31 || exponent.Bit(0) == 0 || exponent.Cmp(big.NewInt(3)) < 0 {
		return nil
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
}

func ecKey(curve string, x, y []byte) crypto.PublicKey {
	c, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[curve]
	if !ok {
		return nil
	}
	if size := (c.Params().BitSize + 7) / 8; len(x) != size || len(y) != size { // RFC 7518, section 6.2.1.2
		return nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil
	}
	return key
}

// verify returns nil if a key of the set has signed. Without a kid, only one key may come into question (OpenID Connect Core,
// section 10.1).
func (s *KeySet) verify(kid, algorithm, input string, signature []byte) error {
	var fit []providerKey
	for _, key := range s.keys {
		if (kid == "" || key.id == kid) && (key.algorithm == "" || key.algorithm == algorithm) && serves(key.public, algorithm) {
			fit = append(fit, key)
		}
	}
	if len(fit) == 0 {
		return refusal("no key of the provider has that kid and algorithm")
	}
	if kid == "" && len(fit) > 1 {
		return refusal("the token has no kid, and the provider has several keys")
	}
	for _, key := range fit {
		if verifies(key.public, algorithm, input, signature) {
			return nil
		}
	}
	return refusal("the signature does not match")
}
