package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// MaxIDLength is the most characters that a key id may have. The id travels in every token, twice.
const MaxIDLength = 64

// Key is a signing key and an encryption key under one id, with the time in which they are used. It is immutable
// and safe for concurrent use. The zero value is not usable: see [NewKey] and [Generate].
type Key struct {
	id                         string
	created, notBefore, expiry time.Time
	tainted                    bool
	// A function is the one thing that no printer looks into. In an unexported field of some other type fmt asks a Key no
	// method, and it follows even a pointer there if the verb doesn't suit one (%s, %d).
	secrets func() *secrets
}

type secrets struct {
	signer     signer
	encryption [secretSize]byte
	aead       *countingAEAD
}

// NewKey checks m and makes a key from a copy of it. The error names the key and what is wrong with it. Times are
// cut to whole seconds, the unit of the key file, and lie between the years 1970 and 9999.
func NewKey(m Material) (*Key, error) {
	if err := checkID(m.ID); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	fail := func(what string, err error) (*Key, error) {
		return nil, fmt.Errorf("keys: key %q: %s %w", m.ID, what, err)
	}
	signer, err := newSigner(m.Signing)
	if err != nil {
		return fail("signing key", err)
	}
	if err := checkSecret(m.Encryption); err != nil {
		return fail("encryption key", err)
	}
	if subtle.ConstantTimeCompare(signer.private(), m.Encryption) == 1 {
		return fail("signing key", errors.New("and encryption key are the same bytes"))
	}
	for _, public := range signer.public() {
		if bytes.Equal(public, m.Encryption) {
			return fail("encryption key", errors.New("is the public part of the signing key"))
		}
	}
	for _, at := range []time.Time{m.Created, m.NotBefore, m.Expiry} {
		if seconds := at.Unix(); !at.IsZero() && (seconds < 0 || seconds > maxDate) {
			return fail("dates", errors.New("are not all between the years 1970 and 9999, as the key file has them"))
		}
	}
	s := &secrets{signer: signer, encryption: [secretSize]byte(m.Encryption)}
	k := &Key{
		id: m.ID, tainted: m.Tainted,
		created: m.Created.Truncate(time.Second), notBefore: m.NotBefore.Truncate(time.Second), expiry: m.Expiry.Truncate(time.Second),
		secrets: func() *secrets { return s },
	}
	if !k.expiry.IsZero() && !k.expiry.After(k.notBefore) {
		return fail("expiry", errors.New("is not after the time from which it seals (exp, nbf)"))
	}
	block, err := aes.NewCipher(s.encryption[:])
	if err != nil {
		return fail("encryption key", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return fail("encryption key", err)
	}
	s.aead = &countingAEAD{AEAD: aead}
	return k, nil
}

// Generate makes a key with fresh random secrets and a random id, made now, that seals from notBefore and opens
// until expiry; zero times mean since ever and for ever.
func Generate(alg Algorithm, notBefore, expiry time.Time) (*Key, error) {
	return generate(alg, time.Now(), notBefore, expiry)
}

func generate(alg Algorithm, created, notBefore, expiry time.Time) (*Key, error) {
	m := Material{ID: newID(), Encryption: random(), Created: created, NotBefore: notBefore, Expiry: expiry}
	var err error
	switch alg {
	case HS256:
		m.Signing = random()
	case EdDSA:
		_, m.Signing, err = ed25519.GenerateKey(rand.Reader)
	case ES256:
		m.Signing, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, fmt.Errorf("keys: unknown signing algorithm %q: want HS256, EdDSA or ES256", alg)
	}
	if err != nil {
		return nil, fmt.Errorf("keys: generating: %w", err)
	}
	return NewKey(m)
}

// newID is 50 random bits in lower case letters and digits: short, since every token carries it twice, and fit for
// command lines and file names.
func newID() string {
	id := base32.StdEncoding.EncodeToString(random())
	return strings.ToLower(id[:10])
}

func random() []byte {
	b := make([]byte, secretSize)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program rather than return an error
	return b
}

func checkID(id string) error {
	if id == "" {
		return errors.New("a key has no id (kid)")
	}
	if len(id) > MaxIDLength {
		return fmt.Errorf("key id %q… is longer than %d characters", id[:8], MaxIDLength)
	}
	for _, c := range []byte(id) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return fmt.Errorf("key id %q has a character outside of A-Z, a-z, 0-9, dot, underscore and hyphen", id)
		}
	}
	return nil
}

// ID is the kid (RFC 7517, section 4.5).
func (k *Key) ID() string { return k.id }

// Algorithm is how the key signs.
func (k *Key) Algorithm() Algorithm { return k.secrets().signer.algorithm() }

// Created is when the key was made, zero if unknown.
func (k *Key) Created() time.Time { return k.created }

// NotBefore is when the key starts to seal, zero if since ever.
func (k *Key) NotBefore() time.Time { return k.notBefore }

// Expiry is when the key stops to seal and to open, zero if never.
func (k *Key) Expiry() time.Time { return k.expiry }

// CanSign reports whether the key has what it takes to seal: false if its signing key is a public one.
func (k *Key) CanSign() bool { return k.secrets().signer.canSign() }

// Tainted reports whether the key is out of use: see [Material].
func (k *Key) Tainted() bool { return k.tainted }

// Expired reports whether the key opens no more.
func (k *Key) Expired(now time.Time) bool { return !k.expiry.IsZero() && !now.Before(k.expiry) }

// seals reports whether the key may seal at now.
func (k *Key) seals(now time.Time) bool {
	return k.maySeal() && !now.Before(k.notBefore) && !k.Expired(now)
}

// maySeal reports whether the key seals when its time comes.
func (k *Key) maySeal() bool { return k.CanSign() && !k.tainted }

// with returns the same key with other dates. They share the secrets and the count.
func (k *Key) with(notBefore, expiry time.Time) *Key {
	c := *k
	c.notBefore, c.expiry = notBefore, expiry
	return &c
}

// Sign appends the JWS signature of input (RFC 7515, section 5.1) to dst. It fails if the key is a public one.
// Package token calls it; an application has no need to.
func (k *Key) Sign(dst, input []byte) ([]byte, error) { return k.secrets().signer.sign(dst, input) }

// Verify returns nil only if signature is the key's JWS signature of input. It compares in constant time.
func (k *Key) Verify(input, signature []byte) error {
	return k.secrets().signer.verify(input, signature)
}

// SignatureSize is the length in bytes of the key's signatures.
func (k *Key) SignatureSize() int { return k.secrets().signer.size() }

// AEAD is AES-256-GCM under the encryption key. It draws a random nonce for each Seal and puts it in front of
// the ciphertext, so nonce and overhead are as [cipher.NewGCMWithRandomNonce] says.
func (k *Key) AEAD() cipher.AEAD { return k.secrets().aead }

// String shows the id and not the secrets.
func (k Key) String() string { return "key " + k.id + " [secret]" }

// Format is [Key.String] for every verb, also %#v and %x.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue is [Key.String] for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is [Key.String] for JSON and other encodings: a key can't be written by accident. See [Marshal].
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
