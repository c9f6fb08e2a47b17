package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// Algorithm is how a key signs, under its name in JOSE (RFC 7518, section 3.1, and RFC 8037, section 3.1). It is a
// property of the key: no token has a say in it. The zero value is not a valid algorithm.
type Algorithm string

const (
	// HS256 is HMAC with SHA-256: one secret signs and verifies.
	HS256 Algorithm = "HS256"
	// EdDSA is Ed25519: the private key signs, the public key verifies.
	EdDSA Algorithm = "EdDSA"
	// ES256 is ECDSA with P-256 and SHA-256: the private key signs, the public key verifies.
	ES256 Algorithm = "ES256"
)

var errSignature = errors.New("keys: signature does not match")

// signer is one signing key with its algorithm.
type signer interface {
	algorithm() Algorithm
	// size is the length in bytes of every signature of this key.
	size() int
	// canSign is false for a public key.
	canSign() bool
	sign(dst, input []byte) ([]byte, error)
	verify(input, signature []byte) error
	// private is what must stay secret, nil for a public key.
	private() []byte
	// public is what everybody may know, coordinate by coordinate, nil for HS256. No other key may have these bytes
	// for a secret, or for its own.
	public() [][]byte
	// raw is the key in the type of its crypto package, for the JWK.
	raw() any
}

// newSigner checks a signing key and takes its own copy of it.
func newSigner(key any) (signer, error) {
	switch key := key.(type) {
	case nil:
		return nil, errors.New("is missing")
	case []byte:
		if err := checkSecret(key); err != nil {
			return nil, err
		}
		return newHMACSigner(bytes.Clone(key)), nil
	case ed25519.PrivateKey:
		if len(key) != ed25519.PrivateKeySize {
			return nil, fmt.Errorf("has the wrong length: an Ed25519 private key has %d bytes", ed25519.PrivateKeySize)
		}
		if err := checkSecret(key.Seed()); err != nil {
			return nil, err
		}
		if !bytes.Equal(ed25519.NewKeyFromSeed(key.Seed()), key) {
			return nil, errors.New("has a public part that does not belong to its private part")
		}
		return newEd25519Signer(bytes.Clone(key), key.Public().(ed25519.PublicKey)), nil
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("has the wrong length: an Ed25519 public key has %d bytes", ed25519.PublicKeySize)
		}
		if err := checkEd25519Point(key); err != nil {
			return nil, err
		}
		if err := checkPublic(key); err != nil {
			return nil, err
		}
		return newEd25519Signer(nil, bytes.Clone(key)), nil
	case *ecdsa.PrivateKey:
		return newECDSASigner(key)
	case *ecdsa.PublicKey:
		own, err := copyP256Point(key)
		if err != nil {
			return nil, err
		}
		if err := checkPublic(own); err != nil {
			return nil, err
		}
		return &asymmetric{alg: ES256, method: jwt.SigningMethodES256, verifyKey: own}, nil
	}
	return nil, fmt.Errorf("has the type %T: want []byte (HS256), an ed25519 key (EdDSA) or a P-256 ecdsa key (ES256)", key)
}

func newEd25519Signer(private ed25519.PrivateKey, public ed25519.PublicKey) signer {
	s := &asymmetric{alg: EdDSA, method: jwt.SigningMethodEdDSA, verifyKey: public}
	if private != nil {
		s.signKey, s.secret = private, private.Seed()
	}
	return s
}

func newECDSASigner(key *ecdsa.PrivateKey) (signer, error) {
	if key == nil {
		return nil, errors.New("is missing")
	}
	if _, err := copyP256Point(&key.PublicKey); err != nil {
		return nil, err
	}
	if key.D == nil { //nolint:staticcheck // Bytes can't tell it from a private part out of range
		return nil, errors.New("has no private part")
	}
	scalar, err := key.Bytes()
	if err != nil {
		return nil, errors.New("has a private part that is out of range for P-256")
	}
	own, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, errors.New("has a private part that is out of range for P-256")
	}
	if err := checkSecret(scalar); err != nil {
		return nil, err
	}
	if !own.PublicKey.Equal(&key.PublicKey) {
		return nil, errors.New("has a public part that does not belong to its private part")
	}
	return &asymmetric{alg: ES256, method: jwt.SigningMethodES256, signKey: own, verifyKey: &own.PublicKey, secret: scalar}, nil
}

// asymmetric signs and verifies through golang-jwt's methods, which take care of JOSE's form of a signature:
// for ES256 the two numbers in 32 bytes each (RFC 7518, section 3.4), never ASN.1.
type asymmetric struct {
	alg       Algorithm
	method    jwt.SigningMethod
	signKey   crypto.PrivateKey // nil: this key only verifies
	verifyKey crypto.PublicKey
	secret    []byte
}

func (s *asymmetric) algorithm() Algorithm { return s.alg }
func (s *asymmetric) size() int            { return 64 }
func (s *asymmetric) canSign() bool        { return s.signKey != nil }
func (s *asymmetric) private() []byte      { return s.secret }

func (s *asymmetric) public() [][]byte {
	switch key := s.verifyKey.(type) {
	case ed25519.PublicKey:
		return [][]byte{key}
	case *ecdsa.PublicKey:
		if point, err := key.Bytes(); err == nil { // 4, X, Y (SEC 1, section 2.3.3)
			return [][]byte{point[1:33], point[33:]}
		}
	}
	return nil
}

func (s *asymmetric) raw() any {
	if s.signKey != nil {
		return s.signKey
	}
	return s.verifyKey
}

func (s *asymmetric) sign(dst, input []byte) ([]byte, error) {
	if s.signKey == nil {
		return nil, errors.New("keys: a public key can't sign")
	}
	signature, err := s.method.Sign(string(input), s.signKey)
	if err != nil {
		return nil, fmt.Errorf("keys: signing: %w", err)
	}
	return append(dst, signature...), nil
}

func (s *asymmetric) verify(input, signature []byte) error {
	if len(signature) != s.size() || s.method.Verify(string(input), signature, s.verifyKey) != nil {
		return errSignature
	}
	return nil
}

// hmacSigner is HS256 with its keyed state kept: setting up HMAC anew for each token, as a signing method that
// is handed the bare key must, costs as much again as authenticating a small token.
type hmacSigner struct {
	secret []byte
	states sync.Pool // of *hmacState
}

// hmacState has room for the sum, which would otherwise be an allocation for each token that is verified.
type hmacState struct {
	hash.Hash
	sum [sha256.Size]byte
}

func newHMACSigner(secret []byte) *hmacSigner {
	s := &hmacSigner{secret: secret}
	s.states.New = func() any { return &hmacState{Hash: hmac.New(sha256.New, secret)} }
	return s
}

func (s *hmacSigner) algorithm() Algorithm { return HS256 }
func (s *hmacSigner) size() int            { return sha256.Size }
func (s *hmacSigner) canSign() bool        { return true }
func (s *hmacSigner) private() []byte      { return s.secret }
func (s *hmacSigner) public() [][]byte     { return nil }
func (s *hmacSigner) raw() any             { return s.secret }

func (s *hmacSigner) sign(dst, input []byte) ([]byte, error) {
	state := s.states.Get().(*hmacState)
	dst = append(dst, state.of(input)...)
	s.states.Put(state)
	return dst, nil
}

func (s *hmacSigner) verify(input, signature []byte) error {
	state := s.states.Get().(*hmacState)
	same := subtle.ConstantTimeCompare(state.of(input), signature)
	s.states.Put(state)
	if same != 1 {
		return errSignature
	}
	return nil
}

// of is the code of input, in memory of the state.
func (s *hmacState) of(input []byte) []byte {
	s.Reset()
	s.Write(input)
	return s.Sum(s.sum[:0])
}
