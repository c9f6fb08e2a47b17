package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// What HKDF's info parameter binds each output to (RFC 5869, section 3.2): another label gives an unrelated key.
const (
	labelSigning    = "sealjar v1 signing HS256"
	labelEncryption = "sealjar v1 encryption A256GCM"
	labelID         = "sealjar v1 kid"
)

// FromSecrets makes a ring from one or several secrets, as an environment variable holds them: separated by commas or
// white space, each 32 random bytes as 64 hexadecimal digits (`openssl rand -hex 32`) or as base64 or base64url, with
// padding or without. The first seals, all open. To rotate, put a new one in front and leave the old one
// until its last session has ended.
//
// Signing key (HS256), encryption key and key id each derive from the secret by HKDF-SHA256 (RFC 5869) under a label of
// their own, so the id tells nothing of the keys. The error names the secret by its position and says what is
// wrong, without a character of it.
func FromSecrets(list string) (*Ring, error) {
	if len(list) > MaxFileSize {
		return nil, fmt.Errorf("keys: the list of secrets is larger than %d bytes", MaxFileSize)
	}
	if looksLikeFile([]byte(list)) {
		return nil, errors.New("keys: the list of secrets looks like the text of a PEM block or a JWK: want 32 random bytes as hex or base64url")
	}
	texts := strings.FieldsFunc(list, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
	if len(texts) == 0 {
		return nil, errors.New("keys: the list of secrets is empty: make a secret with `openssl rand -hex 32`")
	}
	if len(texts) > MaxKeys {
		return nil, fmt.Errorf("keys: %d secrets are too many for one ring: at most %d", len(texts), MaxKeys)
	}
	var ring []*Key
	for i, text := range texts {
		key, err := fromSecret(text)
		if err != nil {
			return nil, fmt.Errorf("keys: secret %d of %d %w", i+1, len(texts), err)
		}
		for j, earlier := range ring {
			if earlier.id == key.id {
				return nil, fmt.Errorf("keys: secret %d of %d is the same as secret %d", i+1, len(texts), j+1)
			}
		}
		ring = append(ring, key)
	}
	return NewRing(ring, Options{})
}

func fromSecret(text string) (*Key, error) {
	secret, err := decodeSecret(text)
	if err != nil {
		return nil, err
	}
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	signing, err := derive(secret, labelSigning, secretSize)
	if err != nil {
		return nil, err
	}
	encryption, err := derive(secret, labelEncryption, secretSize)
	if err != nil {
		return nil, err
	}
	id, err := derive(secret, labelID, 6)
	if err != nil {
		return nil, err
	}
	return NewKey(Material{ID: base64.RawURLEncoding.EncodeToString(id), Signing: signing, Encryption: encryption})
}

func derive(secret []byte, label string, size int) ([]byte, error) {
	out, err := hkdf.Key(sha256.New, secret, nil, label, size)
	if err != nil {
		return nil, fmt.Errorf("can't be derived from: %w", err)
	}
	return out, nil
}

// decodeSecret tells the forms apart by length: 32 bytes are 64 hexadecimal digits, or 43 characters of base64 and
// perhaps one of padding. Both alphabets of base64 are read, since `openssl rand -base64 32` writes the other one.
func decodeSecret(text string) ([]byte, error) {
	bad := errors.New("is not 32 bytes as 64 hexadecimal digits or as 43 characters of base64url (make one with `openssl rand -hex 32`)")
	if len(text) == 2*secretSize {
		if secret, err := hex.DecodeString(text); err == nil {
			return secret, nil
		}
		return nil, bad
	}
	if len(text) < base64.RawURLEncoding.EncodedLen(secretSize) {
		return nil, errors.New("is too short: want 32 random bytes (make them with `openssl rand -hex 32`)")
	}
	url := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSuffix(text, "="))
	secret, err := base64.RawURLEncoding.Strict().DecodeString(url)
	if err != nil || len(secret) != secretSize {
		return nil, bad
	}
	return secret, nil
}
