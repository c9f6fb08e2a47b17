package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"math/big"
	"slices"
)

// copyP256Point copies key, whose numbers its owner may change later, or says why it is not a point of P-256 other
// than infinity.
func copyP256Point(key *ecdsa.PublicKey) (*ecdsa.PublicKey, error) {
	if key == nil {
		return nil, errors.New("is missing")
	}
	if key.Curve != elliptic.P256() {
		return nil, errors.New("is on another curve than P-256, the only one for ES256")
	}
	bad := errors.New("has a public part that is not a point on P-256")
	if key.X == nil || key.Y == nil { //nolint:staticcheck // Bytes would panic, and nothing else shows it
		return nil, bad
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, bad
	}
	own, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, bad
	}
	return own, nil
}

// The field of Curve25519, and d of the twisted Edwards curve -x² + y² = 1 + d·x²·y² (RFC 8032, section 5.1).
var (
	fieldPrime   = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edwardsD, _  = new(big.Int).SetString("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 16)
	smallOrder8  = "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826" // y of a point of order 8
	smallOrderYs = func() []*big.Int {
		y8, _ := new(big.Int).SetString(smallOrder8, 16)
		return []*big.Int{
			new(big.Int), big.NewInt(1), new(big.Int).Sub(fieldPrime, big.NewInt(1)),
			y8, new(big.Int).Sub(fieldPrime, y8),
		}
	}()
)

// checkEd25519Point says why a 32-byte key is not a usable point of Ed25519, or nil. crypto/ed25519 accepts any
// 32 bytes as a public key: with bytes off the curve no signature ever verifies, and with one of the points of
// small order signatures can be made that verify for messages which nobody signed.
func checkEd25519Point(key []byte) error {
	encoded := slices.Clone(key)
	slices.Reverse(encoded)
	encoded[0] &= 0x7f // the sign of x
	y := new(big.Int).SetBytes(encoded)
	if y.Cmp(fieldPrime) >= 0 {
		return errors.New("has a public part that is not the canonical form of a point on Ed25519")
	}
	for _, bad := range smallOrderYs {
		if y.Cmp(bad) == 0 {
			return errors.New("is a point of small order, under which anybody can sign")
		}
	}
	// x² = (y² - 1) / (d·y² + 1) must be a square; u/v is one exactly if u·v is.
	yy := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(yy, big.NewInt(1))
	v := new(big.Int).Mul(edwardsD, yy)
	v.Add(v, big.NewInt(1))
	if uv := u.Mul(u, v); big.Jacobi(uv.Mod(uv, fieldPrime), fieldPrime) != 1 {
		return errors.New("has a public part that is not a point on Ed25519")
	}
	return nil
}
