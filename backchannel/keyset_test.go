package backchannel_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/backchannel"
)

func TestKeySets(t *testing.T) {
	good := jwk(rsaKey().Public(), nil)
	for _, row := range []struct {
		name string
		text []byte
	}{
		{"one key", jwks(good)},
		{"one of use among others", jwks(good, object{"kty": "XYZ"}, jwk(rsaKey().Public(), object{"use": "enc"}), object{})},
		{"a key with operations", jwks(jwk(rsaKey().Public(), object{"use": nil, "key_ops": []string{"verify"}}))},
		{"more members of the set", append([]byte(`{"more":1,`), jwks(good)[1:]...)},
	} {
		t.Run(row.name+" allowed", func(t *testing.T) {
			_, err := backchannel.ParseKeySet(row.text)
			require.NoError(t, err)
		})
	}
	for _, row := range []struct {
		name string
		text []byte
		why  string
	}{
		{"nothing", nil, "not strict JSON"},
		{"a member twice", []byte(`{"keys":[],"keys":[]}`), "not strict JSON"},
		{"no set", []byte(`{"Keys":[]}`), "not a JWK Set"},
		{"no array", []byte(`{"keys":{}}`), "not a JWK Set"},
		{"no object", []byte(`[]`), "not a JWK Set"},
		{"no keys", []byte(`{"keys":[]}`), "no key of use"},
		{"a very long one", append(jwks(good), bytes.Repeat([]byte(" "), backchannel.MaxKeySet)...), "too long"},
		{"a private key", jwks(good, object{"kty": "RSA", "d": "AQ"}), "secret"},
		{"a shared secret", jwks(good, object{"kty": "oct", "k": "AQ"}), "secret"},
		{"a short RSA key", jwks(jwk(rsaKey().Public(), object{"n": b64(bytes.Repeat([]byte{255}, 128))})), "no key of use"},
		{"a huge RSA key", jwks(jwk(rsaKey().Public(), object{"n": b64(bytes.Repeat([]byte{255}, 1025))})), "no key of use"},
		{"an RSA key with the exponent 1", jwks(jwk(rsaKey().Public(), object{"e": "AQ"})), "no key of use"},
		{"an RSA key with an even exponent", jwks(jwk(rsaKey().Public(), object{"e": "AQAC"})), "no key of use"},
		{"an RSA key with a huge exponent", jwks(jwk(rsaKey().Public(), object{"e": "AQAAAAE"})), "no key of use"},
		{"padding", jwks(jwk(rsaKey().Public(), object{"e": "AQAB="})), "no key of use"},
		{"a kid that is a number", jwks(jwk(rsaKey().Public(), object{"kid": 1})), "no key of use"},
		{"operations without verify", jwks(jwk(rsaKey().Public(), object{"key_ops": []string{"encrypt"}})), "no key of use"},
		{"a point off the curve", jwks(jwk(p256Key().Public(), object{"y": b64(bytes.Repeat([]byte{1}, 32))})), "no key of use"},
		{"a coordinate too short", jwks(jwk(p256Key().Public(), object{"x": b64(bytes.Repeat([]byte{1}, 31))})), "no key of use"},
		{"an unknown curve", jwks(jwk(p256Key().Public(), object{"crv": "secp256k1"})), "no key of use"},
		{"X25519", jwks(jwk(ed25519Key().Public(), object{"crv": "X25519"})), "no key of use"},
		{"Ed25519 too short", jwks(jwk(ed25519Key().Public(), object{"x": "AQ"})), "no key of use"},
	} {
		t.Run(row.name+" refused", func(t *testing.T) {
			_, err := backchannel.ParseKeySet(row.text)
			require.ErrorContains(t, err, row.why)
		})
	}
}

// FuzzParseKeySet wants an answer, and one that does not depend on white space.
func FuzzParseKeySet(f *testing.F) {
	for _, key := range []object{jwk(rsaKey().Public(), nil), jwk(p256Key().Public(), nil), jwk(ed25519Key().Public(), nil)} {
		f.Add(jwks(key))
	}
	f.Add([]byte(`{"keys":[null,{"kty":"RSA","n":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := backchannel.ParseKeySet(text)
		require.Equal(t, err == nil, set != nil)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "backchannel: the key set "))
		}
		_, again := backchannel.ParseKeySet(append([]byte("\n"), text...))
		if len(text) < backchannel.MaxKeySet {
			require.Equal(t, err, again)
		}
	})
}
