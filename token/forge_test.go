package token_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/fips140"
	"crypto/sha256"
	"strings"
)

// usualPayload is what a forged token says unless the test changes it.
const usualPayload = `{"aud":"session","sub":"alice","sid":"dGVzdC1zZXNzaW9u","jti":"dGVzdC10b2tlbg",` +
	`"iat":1799999990,"exp":1800001800,"auth_time":1799999000.5,"sealjar":{"d":{"n":1}}}`

// parts are the pieces of a token, each open to tampering before token puts them together with the true keys. This is a
// second implementation of the wire format, by the standard library alone: it shares nothing with the one under test.
type parts struct {
	key          *testKey
	outer, inner string // the headers, as JSON
	payload      string // the claims, as JSON
	encryptedKey string // the second segment
	nonce        []byte // of 12 bytes, from the plaintext if nil, so that the same parts are the same token

	outerText, innerText, payloadText string // whole segments, in place of the encoded outer, inner and payload

	sign  func(input string) []byte // what stands in for the key's signature
	plain func(jws string) string   // what is encrypted in place of the JWS
}

func (k *testKey) parts() *parts {
	return &parts{
		key:     k,
		outer:   `{"alg":"dir","enc":"A256GCM","kid":"` + k.id + `","cty":"JWT"}`,
		inner:   `{"alg":"` + string(k.alg) + `","kid":"` + k.id + `","typ":"session+jwt"}`,
		payload: usualPayload,
		sign:    k.sign,
		plain:   func(jws string) string { return jws },
	}
}

// freely lets the forge do what a build under GODEBUG=fips140=only must not, such as choosing a nonce. What is under test
// stays under the rule.
func freely(forge func()) { fips140.WithoutEnforcement(forge) }

// mint forges the token of k with that payload, and nothing wrong in its layers.
func (k *testKey) mint(payload string) string {
	p := k.parts()
	p.payload = payload
	return p.token()
}

func (p *parts) jws() (jws string) {
	freely(func() {
		input := segment(p.innerText, p.inner) + "." + segment(p.payloadText, p.payload)
		jws = input + "." + b64(p.sign(input))
	})
	return jws
}

func (p *parts) token() string {
	plain := p.plain(p.jws())
	outer := segment(p.outerText, p.outer)
	nonce := p.nonce
	if nonce == nil {
		sum := sha256.Sum256([]byte(plain))
		nonce = sum[:12]
	}
	var sealed []byte
	freely(func() {
		block, err := aes.NewCipher(p.key.encryption)
		must(err)
		gcm, err := cipher.NewGCMWithNonceSize(block, len(nonce))
		must(err)
		sealed = gcm.Seal(nil, nonce, []byte(plain), []byte(outer))
	})
	end := len(sealed) - 16
	return strings.Join([]string{outer, p.encryptedKey, b64(nonce), b64(sealed[:end]), b64(sealed[end:])}, ".")
}

func segment(text, decoded string) string {
	if text != "" {
		return text
	}
	return b64([]byte(decoded))
}

// swap replaces the one place where text has old. That there is one keeps attacks from going stale.
func swap(text, old, with string) string {
	if strings.Count(text, old) != 1 {
		panic("token_test: not just one " + old + " in " + text)
	}
	return strings.Replace(text, old, with, 1)
}

// loose is a segment of the same value with a bit set that has no meaning (RFC 4648, section 3.5).
func loose(segment string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(segment)%4 == 0 {
		panic("token_test: a segment without unused bits: " + segment)
	}
	last := len(segment) - 1
	return segment[:last] + string(alphabet[strings.IndexByte(alphabet, segment[last])^1])
}

// standard is a segment in the other alphabet of base64.
func standard(segment string) string {
	other := strings.NewReplacer("-", "+", "_", "/").Replace(segment)
	if other == segment {
		panic("token_test: a segment that is the same in both alphabets: " + segment)
	}
	return other
}
