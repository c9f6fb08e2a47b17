package token_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"

	"github.com/sealjar/sealjar/keys"
)

var asymmetric = []keys.Algorithm{keys.EdDSA, keys.ES256}

// signatureAttacks have the true headers and encryption, and a signature that the key did not make.
func signatureAttacks() []attack {
	list := []attack{
		{name: "signature-other-key", refusal: "signature", comment: "Signed with another key of the same kind.", parts: func(p *parts) {
			p.sign = newTestKey(p.key.alg, "test-other").sign
		}},
		{name: "signature-other-payload", refusal: "signature", comment: "The signature of another payload.", parts: func(p *parts) {
			p.payload = swap(p.payload, "alice", "admin")
			input := b64([]byte(p.inner)) + "." + b64([]byte(usualPayload))
			p.sign = func(string) []byte { return p.key.sign(input) }
		}},
		{name: "signature-payload-only", refusal: "signature", comment: "A signature of the payload without the header.", parts: func(p *parts) {
			p.sign = func(string) []byte { return p.key.sign(b64([]byte(p.payload))) }
		}},
		{name: "signature-zero", refusal: "signature", comment: "A signature of zeros; with ES256 the one of CVE-2022-21449.", parts: resigned(func(s []byte) []byte { return make([]byte, len(s)) })},
		{name: "signature-bit-first", refusal: "signature", comment: "The first bit of the signature is changed.", parts: resigned(func(s []byte) []byte { s[0] ^= 0x80; return s })},
		{name: "signature-bit-last", refusal: "signature", comment: "The last bit of the signature is changed.", parts: resigned(func(s []byte) []byte { s[len(s)-1] ^= 1; return s })},
		{name: "signature-missing", refusal: "malformed", comment: "No signature.", parts: resigned(func([]byte) []byte { return nil })},
		{name: "signature-short", refusal: "malformed", comment: "The signature without its last byte.", parts: resigned(func(s []byte) []byte { return s[:len(s)-1] })},
		{name: "signature-long", refusal: "malformed", comment: "The signature and a zero byte.", parts: resigned(func(s []byte) []byte { return append(s, 0) })},
		{name: "signature-detached", refusal: "signature", comment: "A detached payload (RFC 7515, appendix F).", parts: func(p *parts) {
			input := b64([]byte(p.inner)) + "." + b64([]byte(p.payload))
			p.payload = ""
			p.sign = func(string) []byte { return p.key.sign(input) }
		}},
		{name: "signature-line-break", refusal: "malformed", comment: "A line break in the place of the signature's last character.", parts: func(p *parts) {
			p.plain = func(jws string) string { return jws[:len(jws)-1] + "\n" }
		}},
		{name: "signature-line-break-at-end", refusal: "malformed", comment: "A line break after the signature.", parts: around("", "\n")},
		{name: "signature-unused-bits", refusal: "malformed", comment: "A bit set that stands for nothing in the signature's last character.", parts: func(p *parts) { p.plain = inSegment(2, loose) }},
		{name: "signature-der", refusal: "malformed", comment: "An ECDSA signature in ASN.1, as other protocols write it (RFC 7518, section 3.4, does not).", only: algorithms[2:], parts: func(p *parts) {
			p.sign = p.key.signDER
		}},
		{name: "signature-order-plus-s", refusal: "signature", comment: "An Ed25519 signature with the group's order added to S (RFC 8032, section 8.4).", only: algorithms[1:2], parts: resigned(plusOrder)},
		{name: "signature-s-is-order", refusal: "signature", comment: "An ECDSA signature with s out of range.", only: algorithms[2:], parts: resigned(func(s []byte) []byte {
			return append(s[:32], elliptic.P256().Params().N.Bytes()...)
		})},
		{name: "signature-r-is-zero", refusal: "signature", comment: "An ECDSA signature with r = 0.", only: algorithms[2:], parts: resigned(func(s []byte) []byte {
			return append(make([]byte, 32), s[32:]...)
		})},
		{name: "signature-swapped", refusal: "signature", comment: "An ECDSA signature with r and s in the other order.", only: algorithms[2:], parts: resigned(func(s []byte) []byte {
			return append(bytes.Clone(s[32:]), s[:32]...)
		})},
	}
	// Algorithm confusion: what verifies is public, and taken for the secret of a MAC.
	for _, form := range []struct {
		name, comment string
		bytes         func(k *testKey) []byte
	}{
		{"raw", "the public key's own bytes", rawPublic},
		{"pem", "the public key in PEM", func(k *testKey) []byte {
			der, err := x509.MarshalPKIXPublicKey(k.verifier())
			must(err)
			return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		}},
		{"der", "the public key in DER", func(k *testKey) []byte {
			der, err := x509.MarshalPKIXPublicKey(k.verifier())
			must(err)
			return der
		}},
	} {
		list = append(list,
			attack{name: "confusion-hs256-" + form.name, refusal: "malformed", comment: "alg HS256 with " + form.comment + " for a secret.", only: asymmetric, parts: func(p *parts) {
				p.inner = swap(p.inner, string(p.key.alg), "HS256")
				p.sign = func(input string) []byte { return mac(form.bytes(p.key), input) }
			}},
			attack{name: "confusion-mac-" + form.name, refusal: "malformed", comment: "The true header, and HMAC-SHA256 with " + form.comment + " for a signature.", only: asymmetric, parts: func(p *parts) {
				p.sign = func(input string) []byte { return mac(form.bytes(p.key), input) }
			}},
			attack{name: "confusion-mac512-" + form.name, refusal: "signature", comment: "The true header, and HMAC-SHA512 with " + form.comment + ", which has the length of the signature.", only: asymmetric, parts: func(p *parts) {
				p.sign = func(input string) []byte {
					h := hmac.New(sha512.New, form.bytes(p.key))
					h.Write([]byte(input))
					return h.Sum(nil)
				}
			}},
		)
	}
	list = append(list,
		attack{name: "confusion-mac-empty-key", refusal: "signature", comment: "HS256 with an empty secret.", only: algorithms[:1], parts: func(p *parts) {
			p.sign = func(input string) []byte { return mac(nil, input) }
		}},
		attack{name: "confusion-mac-encryption-key", refusal: "signature", comment: "HS256 with the encryption key for a secret: who can only encrypt can't sign.", only: algorithms[:1], parts: func(p *parts) {
			p.sign = func(input string) []byte { return mac(p.key.encryption, input) }
		}},
	)
	return list
}

// resigned changes the true signature.
func resigned(change func(s []byte) []byte) func(p *parts) {
	return func(p *parts) {
		p.sign = func(input string) []byte { return change(p.key.sign(input)) }
	}
}

func rawPublic(k *testKey) []byte {
	if public, ok := k.verifier().(*ecdsa.PublicKey); ok {
		point, err := public.Bytes()
		must(err)
		return point
	}
	return k.verifier().(ed25519.PublicKey)
}

// plusOrder adds the order of Ed25519's group to S, the little-endian second half of a signature.
func plusOrder(s []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	half := bytes.Clone(s[32:])
	slices.Reverse(half)
	sum := new(big.Int).Add(new(big.Int).SetBytes(half), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return append(s[:32], sum...)
}
