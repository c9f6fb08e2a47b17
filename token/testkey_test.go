package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

var algorithms = []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256}

// noon is the time of all tests that do not say another.
var noon = time.Unix(1_800_000_000, 0).UTC()

const audience = "session"

// testKey is a key whose secrets a test may read. They derive from the id and are in testdata for everybody: they must
// never guard anything.
type testKey struct {
	id                string
	alg               keys.Algorithm
	signing           any // private
	encryption        []byte
	notBefore, expiry time.Time
	public            bool // the ring has the public signing key only
}

func newTestKey(alg keys.Algorithm, id string) *testKey {
	secret := func(label string) []byte {
		sum := sha256.Sum256([]byte("sealjar test key, never use: " + label + " " + id))
		return sum[:]
	}
	k := &testKey{id: id, alg: alg, encryption: secret("encryption")}
	switch alg {
	case keys.HS256:
		k.signing = secret("signing")
	case keys.EdDSA:
		k.signing = ed25519.NewKeyFromSeed(secret("signing"))
	case keys.ES256:
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret("signing"))
		must(err)
		k.signing = private
	}
	return k
}

// usual is the key of an algorithm that most tests use.
func usual(alg keys.Algorithm) *testKey {
	return newTestKey(alg, "test-key-"+strings.ToLower(string(alg)))
}

// verifier is what an opening node holds to check signatures: the secret itself with HS256.
func (k *testKey) verifier() any {
	if private, ok := k.signing.(interface{ Public() crypto.PublicKey }); ok {
		return private.Public()
	}
	return k.signing
}

func (k *testKey) key() *keys.Key {
	m := keys.Material{ID: k.id, Signing: k.signing, Encryption: k.encryption, NotBefore: k.notBefore, Expiry: k.expiry}
	if k.public {
		m.Signing = k.verifier()
	}
	key, err := keys.NewKey(m)
	must(err)
	return key
}

// sign makes a JWS signature. That of ES256 takes its nonce from the message (RFC 6979), so that vectors stay the same.
func (k *testKey) sign(input string) []byte {
	switch private := k.signing.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(private, []byte(input))
	case *ecdsa.PrivateKey:
		r, s := numbers(k.signDER(input))
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	return mac(k.signing.([]byte), input)
}

func (k *testKey) signDER(input string) []byte {
	digest := sha256.Sum256([]byte(input))
	der, err := k.signing.(*ecdsa.PrivateKey).Sign(nil, digest[:], crypto.SHA256)
	must(err)
	return der
}

func numbers(der []byte) (r, s *big.Int) {
	var rs struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(der, &rs)
	must(err)
	return rs.R, rs.S
}

func mac(key []byte, input string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(input))
	return h.Sum(nil)
}

// jwks writes the key file (RFC 7517, section 5) without the help of package keys.
func jwks(ring ...*testKey) json.RawMessage {
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	for _, k := range ring {
		sig := map[string]any{"use": "sig", "alg": string(k.alg)}
		enc := map[string]any{"use": "enc", "alg": "A256GCM", "kty": "oct", "k": b64(k.encryption)}
		switch private := k.signing.(type) {
		case []byte:
			sig["kty"], sig["k"] = "oct", b64(private)
		case ed25519.PrivateKey:
			sig["kty"], sig["crv"] = "OKP", "Ed25519"
			sig["x"], sig["d"] = b64(k.verifier().(ed25519.PublicKey)), b64(private.Seed())
		case *ecdsa.PrivateKey:
			point, err := private.PublicKey.Bytes()
			must(err)
			scalar, err := private.Bytes()
			must(err)
			sig["kty"], sig["crv"] = "EC", "P-256"
			sig["x"], sig["y"], sig["d"] = b64(point[1:33]), b64(point[33:]), b64(scalar)
		}
		if k.public {
			delete(sig, "d")
		}
		for _, half := range []map[string]any{sig, enc} {
			half["kid"] = k.id
			if !k.notBefore.IsZero() {
				half["nbf"] = k.notBefore.Unix()
			}
			if !k.expiry.IsZero() {
				half["exp"] = k.expiry.Unix()
			}
			set.Keys = append(set.Keys, half)
		}
	}
	text, err := json.Marshal(set)
	must(err)
	return text
}

func ringOf(t testing.TB, ring ...*testKey) *keys.Ring {
	t.Helper()
	var list []*keys.Key
	for _, k := range ring {
		list = append(list, k.key())
	}
	r, err := keys.NewRing(list, keys.Options{OpenOnly: true})
	require.NoError(t, err)
	return r
}

// codecOf makes the codec that a test needs, with the usual clock and audience where config is silent.
func codecOf(t testing.TB, config token.Config) *token.Codec {
	t.Helper()
	if config.Now == nil {
		config.Now = at(noon)
	}
	if config.Audience == "" {
		config.Audience = audience
	}
	c, err := token.New(config)
	require.NoError(t, err)
	return c
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func must(err error) {
	if err != nil {
		panic("token_test: " + err.Error())
	}
}
