package keys

import (
	"fmt"
	"log/slog"
	"time"
)

// Material is what a [Key] is made from.
type Material struct {
	// ID is the kid: 1 to [MaxIDLength] characters out of A-Z, a-z, 0-9, dot, underscore and hyphen. Never give an id that
	// was in use to another key.
	ID string

	// Signing is a []byte of 32 random bytes (HS256), an ed25519.PrivateKey (EdDSA) or a *ecdsa.PrivateKey on P-256
	// (ES256). With an ed25519.PublicKey or a *ecdsa.PublicKey the key only opens.
	Signing any

	// Encryption is 32 random bytes for A256GCM, other ones than in Signing.
	Encryption []byte

	// Created is when the key was made. It decides nothing.
	Created time.Time

	// NotBefore is when the key starts to seal; zero means that it may since ever. It opens tokens at any time before Expiry.
	NotBefore time.Time

	// Expiry is when the key stops to seal and to open; zero means never. No token outlives it.
	Expiry time.Time

	// Tainted takes the key out of use without signing anybody out: it never seals, and a token under it is sealed again
	// under another key with the next response.
	Tainted bool
}

// String shows nothing of m.
func (m Material) String() string { return "key material [secret]" }

// Format is [Material.String] for every verb, also %#v and %x. That holds for m itself and for what it is an exported
// part of: fmt asks no method of an unexported field, nor under %p and %w, which go vet refuses for m. Don't keep
// material; a [Key] is safe everywhere.
func (m Material) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// LogValue is [Material.String] for slog.
func (m Material) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText is [Material.String] for JSON and other encodings: material can't be written by accident.
func (m Material) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
