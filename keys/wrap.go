package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// NewSealer returns a [Sealer] whose key-encryption key is a secret of 32 random bytes, as hex or base64url
// (`openssl rand -hex 32`): from the environment, or from a file that is kept apart from the keys. Several secrets are
// separated by commas or white space; the first wraps, all unwrap, so to change it put a new one in front and rotate.
//
// What it writes is a JWE (RFC 7516) in compact form with alg A256GCMKW (RFC 7518, section 4.7) and enc A256GCM, which any
// JOSE library can open that has the secret. What it reads is held to that one form: no header is parsed, and every length is
// checked before a key is used.
func NewSealer(list string) (Sealer, error) {
	texts := strings.FieldsFunc(list, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
	if len(texts) == 0 {
		return nil, errors.New("keys: the key-encryption key is empty: make one with `openssl rand -hex 32`")
	}
	s := &jweSealer{}
	for i, text := range texts {
		secret, err := decodeSecret(text)
		if err == nil {
			err = checkSecret(secret)
		}
		if err != nil {
			return nil, fmt.Errorf("keys: key-encryption key %d of %d %w", i+1, len(texts), err)
		}
		aead, err := randomGCM(secret)
		if err != nil {
			return nil, fmt.Errorf("keys: key-encryption key: %w", err)
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

type jweSealer struct{ keys []cipher.AEAD }

// The protected header, around the nonce and the tag of the encrypted key. An implementation that writes the members in the order
// of the alphabet, as jwx does, writes the same.
const (
	headerStart  = `{"alg":"A256GCMKW","enc":"A256GCM","iv":"`
	headerMiddle = `","tag":"`
	headerEnd    = `"}`

	gcmNonce, gcmTag = 12, 16
	nonceText        = 16 // characters of base64url
	tagText          = 22
	keyText          = 43
)

var strictBase64 = base64.RawURLEncoding.Strict()

// Wrap encrypts the document under a key of its own, and that under the key-encryption key.
func (s *jweSealer) Wrap(_ context.Context, document []byte) (string, error) {
	content := random()
	defer clear(content)
	wrapped := s.keys[0].Seal(nil, nil, content, nil)
	nonce, key, tag := wrapped[:gcmNonce], wrapped[gcmNonce:len(wrapped)-gcmTag], wrapped[len(wrapped)-gcmTag:]
	header := headerStart + strictBase64.EncodeToString(nonce) + headerMiddle + strictBase64.EncodeToString(tag) + headerEnd
	protected := strictBase64.EncodeToString([]byte(header))
	aead, err := randomGCM(content)
	if err != nil {
		return "", err
	}
	sealed := aead.Seal(nil, nil, document, []byte(protected))
	end := len(sealed) - gcmTag
	return strings.Join([]string{
		protected, strictBase64.EncodeToString(key), strictBase64.EncodeToString(sealed[:gcmNonce]),
		strictBase64.EncodeToString(sealed[gcmNonce:end]), strictBase64.EncodeToString(sealed[end:]),
	}, "."), nil
}

var (
	errWrapped = errors.New("what is sealed is not a JWE with A256GCMKW and A256GCM in its one form")
	errUnwrap  = errors.New("what is sealed was not made with this key-encryption key, or was changed since")
)

// Unwrap opens what Wrap has made.
func (s *jweSealer) Unwrap(_ context.Context, text string) ([]byte, error) {
	parts := strings.Split(text, ".")
	if len(text) > MaxFileSize || len(parts) != 5 ||
		len(parts[1]) != keyText || len(parts[2]) != nonceText || len(parts[4]) != tagText {
		return nil, errWrapped
	}
	header, ok := decodeText(nil, parts[0])
	if !ok || len(header) != len(headerStart)+nonceText+len(headerMiddle)+tagText+len(headerEnd) {
		return nil, errWrapped
	}
	iv, tag := header[len(headerStart):][:nonceText], header[len(header)-len(headerEnd)-tagText:][:tagText]
	if string(header) != headerStart+string(iv)+headerMiddle+string(tag)+headerEnd {
		return nil, errWrapped
	}
	wrapped, sealed := []byte(nil), []byte(nil)
	for _, part := range []string{string(iv), parts[1], string(tag)} {
		if wrapped, ok = decodeText(wrapped, part); !ok {
			return nil, errWrapped
		}
	}
	for _, part := range parts[2:] {
		if sealed, ok = decodeText(sealed, part); !ok {
			return nil, errWrapped
		}
	}
	for _, kek := range s.keys {
		content, err := kek.Open(nil, nil, wrapped, nil)
		if err != nil {
			continue
		}
		aead, err := randomGCM(content)
		clear(content)
		if err != nil {
			return nil, errWrapped
		}
		document, err := aead.Open(nil, nil, sealed, []byte(parts[0]))
		if err != nil {
			return nil, errUnwrap
		}
		return document, nil
	}
	return nil, errUnwrap
}

// decodeText appends the value of a base64url text that has one spelling. The decoder of the standard library skips line breaks,
// so the length must come out as well.
func decodeText(dst []byte, text string) ([]byte, bool) {
	out, err := strictBase64.AppendDecode(dst, []byte(text))
	return out, err == nil && len(out)-len(dst) == strictBase64.DecodedLen(len(text)) && len(text)%4 != 1
}

func randomGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
