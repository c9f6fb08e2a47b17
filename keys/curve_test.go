package keys_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func parseP256(scalar []byte) (*ecdsa.PrivateKey, error) {
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

func TestEd25519PointsRefused(t *testing.T) {
	const (
		notCanonical = "is not the canonical form of a point on Ed25519"
		smallOrder   = "is a point of small order"
		offCurve     = "is not a point on Ed25519"
	)
	for _, row := range []struct{ name, x, reason string }{
		{"y of 2, which is off the curve", "0200000000000000000000000000000000000000000000000000000000000000", offCurve},
		{"y of 2 with the other sign", "0200000000000000000000000000000000000000000000000000000000000080", offCurve},
		{"y of 7, which is off the curve", "0700000000000000000000000000000000000000000000000000000000000000", offCurve},
		{"the neutral element", "0100000000000000000000000000000000000000000000000000000000000000", smallOrder},
		{"the neutral element with a sign", "0100000000000000000000000000000000000000000000000000000000000080", smallOrder},
		{"order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", smallOrder},
		{"order 2 with a sign", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", smallOrder},
		{"order 4: all zero", "0000000000000000000000000000000000000000000000000000000000000000", smallOrder},
		{"order 4, other sign", "0000000000000000000000000000000000000000000000000000000000000080", smallOrder},
		{"order 8, first", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", smallOrder},
		{"order 8, second", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", smallOrder},
		{"order 8, third", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", smallOrder},
		{"order 8, fourth", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", smallOrder},
		{"p for 0", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", notCanonical},
		{"p + 1 for 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", notCanonical},
		{"p + 3 for 3", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", notCanonical},
		{"all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", notCanonical},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := unhex(t, row.x)
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: ed25519.PublicKey(x), Encryption: secret("e")})
			requireRefused(t, err, [][]byte{secret("e")}, `key "k1": signing key`, row.reason)
			entry := signingJWK(t, "k1", keys.EdDSA)
			delete(entry, "d")
			entry["x"] = b64(x)
			_, err = keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{OpenOnly: true})
			requireRefused(t, err, nil, `key "k1"`, row.reason)
			requireRefused(t, readFile(t, keyFile(t, entry, encryptionJWK("k1"))), nil, `key "k1"`, row.reason)
		})
	}
}

func TestEd25519PointsAllowed(t *testing.T) {
	for name, x := range map[string]string{
		"y of 3, the smallest that is a point": "0300000000000000000000000000000000000000000000000000000000000000",
		"y of 3 with the other sign":           "0300000000000000000000000000000000000000000000000000000000000080",
		"the base point":                       "5866666666666666666666666666666666666666666666666666666666666666",
	} {
		_, err := keys.NewKey(keys.Material{ID: "k1", Signing: ed25519.PublicKey(unhex(t, x)), Encryption: secret("e")})
		require.NoError(t, err, name)
	}
	for range 200 {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		_, err = keys.NewKey(keys.Material{ID: "k1", Signing: public, Encryption: secret("e")})
		require.NoError(t, err)
		_, err = keys.NewKey(keys.Material{ID: "k1", Signing: private, Encryption: secret("e")})
		require.NoError(t, err)
	}
}

// order is the number of points of P-256: a private key lies between 1 and order - 1.
var order = elliptic.P256().Params().N

// It takes the deprecated fields to make a bad key.
//
//nolint:staticcheck
func TestSigningKeysRefused(t *testing.T) {
	good, other := p256Key(t, "one"), p256Key(t, "two")
	withD := func(d *big.Int) *ecdsa.PrivateKey { return &ecdsa.PrivateKey{PublicKey: good.PublicKey, D: d} }
	point := func(x, y *big.Int) *ecdsa.PublicKey { return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y} }
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	mixed := append(ed25519.PrivateKey(secret("one")), ed25519Key("two")[32:]...)
	one := big.NewInt(1)
	const (
		offCurve   = "has a public part that is not a point on P-256"
		outOfRange = "has a private part that is out of range for P-256"
		mismatch   = "has a public part that does not belong to its private part"
		otherCurve = "is on another curve than P-256"
		ofType     = "has the type "
	)
	for _, row := range []struct {
		name   string
		key    any
		reason string
	}{
		{"none", nil, "is missing"},
		{"a nil slice", []byte(nil), "is empty"},
		{"a nil P-256 private key", (*ecdsa.PrivateKey)(nil), "is missing"},
		{"a nil P-256 public key", (*ecdsa.PublicKey)(nil), "is missing"},
		{"a nil Ed25519 private key", ed25519.PrivateKey(nil), "has the wrong length"},
		{"a nil Ed25519 public key", ed25519.PublicKey(nil), "has the wrong length"},
		{"text", "0f741cee07012718543e88cf20288fea47f1f0fbf975855481745b64805ac471", ofType},
		{"an array", [32]byte(secret("one")), ofType},
		{"an RSA private key", rsaKey, ofType + "*rsa.PrivateKey"},
		{"an RSA public key", &rsaKey.PublicKey, ofType + "*rsa.PublicKey"},
		{"a P-256 private key by value", *good, ofType},
		{"a pointer to an Ed25519 key", new(ed25519.PrivateKey), ofType},
		{"a seed as Ed25519 private key", ed25519.PrivateKey(secret("one")), "has the wrong length: an Ed25519 private key has 64 bytes"},
		{"a private key as Ed25519 public key", ed25519.PublicKey(ed25519Key("one")), "has the wrong length: an Ed25519 public key has 32 bytes"},
		{"an Ed25519 private key as secret", []byte(ed25519Key("one")), "has the wrong length"},
		{"an Ed25519 key of two halves", mixed, mismatch},
		{"P-384", p384, otherCurve},
		{"P-384, public", &p384.PublicKey, otherCurve},
		{"P-521", p521, otherCurve},
		{"no curve", &ecdsa.PrivateKey{}, otherCurve},
		{"no curve, public", &ecdsa.PublicKey{}, otherCurve},
		{"no coordinates", point(nil, nil), offCurve},
		{"no x", point(nil, good.Y), offCurve},
		{"no y", point(good.X, nil), offCurve},
		{"infinity", point(new(big.Int), new(big.Int)), offCurve},
		{"y and one", point(good.X, new(big.Int).Add(good.Y, one)), offCurve},
		{"x and y exchanged", point(good.Y, good.X), offCurve},
		{"a negative x", point(new(big.Int).Neg(good.X), good.Y), offCurve},
		{"x beyond the field", point(new(big.Int).Add(good.X, elliptic.P256().Params().P), good.Y), offCurve},
		{"a private key off the curve", &ecdsa.PrivateKey{PublicKey: *point(good.Y, good.X), D: good.D}, offCurve},
		{"a private key of another public key", withD(other.D), mismatch},
		{"a private key negated", withD(new(big.Int).Sub(order, good.D)), mismatch},
		{"no private part", withD(nil), "has no private part"},
		{"private part 0", withD(new(big.Int)), outOfRange},
		{"private part negative", withD(new(big.Int).Neg(good.D)), outOfRange},
		{"private part the order", withD(order), outOfRange},
		{"private part beyond the order", withD(new(big.Int).Add(order, good.D)), outOfRange},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: row.key, Encryption: secret("e")})
			requireRefused(t, err, [][]byte{secret("one"), secret("two"), secret("e")}, `key "k1": signing key `+row.reason)
		})
	}
}
