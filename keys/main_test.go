package keys_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/keys"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the time in all tests that need one.
var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func atNow() time.Time { return now }

// secret is 32 bytes that look random and are the same in every run.
func secret(name string) []byte {
	sum := sha256.Sum256([]byte("sealjar test " + name))
	return sum[:]
}

func ed25519Key(name string) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(secret(name)) }

func p256Key(tb testing.TB, name string) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret(name))
	require.NoError(tb, err)
	return key
}

// signingKeys has one signing key of every kind: the three algorithms, private and public.
func signingKeys(tb testing.TB) map[string]any {
	tb.Helper()
	return map[string]any{
		"HS256":         secret("signing"),
		"EdDSA private": ed25519Key("signing"),
		"EdDSA public":  ed25519Key("signing").Public(),
		"ES256 private": p256Key(tb, "signing"),
		"ES256 public":  &p256Key(tb, "signing").PublicKey,
	}
}

func newKey(tb testing.TB, m keys.Material) *keys.Key {
	tb.Helper()
	key, err := keys.NewKey(m)
	require.NoError(tb, err)
	return key
}

// hmacKey is a key whose secrets derive from its id.
func hmacKey(tb testing.TB, id string, notBefore, expiry time.Time) *keys.Key {
	tb.Helper()
	return newKey(tb, keys.Material{
		ID: id, Signing: secret(id + " sig"), Encryption: secret(id + " enc"), NotBefore: notBefore, Expiry: expiry,
	})
}

func newRing(tb testing.TB, ring ...*keys.Key) *keys.Ring {
	tb.Helper()
	r, err := keys.NewRing(ring, keys.Options{OpenOnly: true})
	require.NoError(tb, err)
	return r
}

// requireRefused says that err names what it should and repeats nothing of the secrets.
func requireRefused(t *testing.T, err error, secrets [][]byte, words ...string) {
	t.Helper()
	require.Error(t, err)
	require.True(t, strings.HasPrefix(err.Error(), "keys: "), "%q does not begin with the package", err)
	for _, word := range words {
		require.ErrorContains(t, err, word)
	}
	requireNoSecret(t, err.Error(), secrets...)
}

// requireNoSecret looks in text for eight bytes in a row of a secret, or their like in any usual encoding.
func requireNoSecret(t *testing.T, text string, secrets ...[]byte) {
	t.Helper()
	for _, s := range secrets {
		found := leak(text, s)
		require.Empty(t, found, "a part of a secret is in %q", text)
	}
}

func leak(text string, s []byte) string {
	const window = 6
	for i := 0; i+window <= len(s); i++ {
		part := s[i : i+window]
		spellings := []string{base64.StdEncoding.EncodeToString(part), base64.URLEncoding.EncodeToString(part)}
		if i%3 == 0 { // enough for those in which each byte stands by itself
			spellings = append(spellings, string(part), strings.Trim(fmt.Sprintf("%q", part), `"`), fmt.Sprintf("%X", part))
			for _, verb := range []string{"%d", "%x", "% x", "% X", "%b", "%o", "%U", "%#v"} {
				spellings = append(spellings, strings.Trim(fmt.Sprintf(verb, part), "[]byte{}"))
			}
		}
		for _, spelling := range spellings {
			if strings.Contains(text, spelling) {
				return spelling
			}
		}
	}
	return ""
}

func TestLeakFindsSecrets(t *testing.T) {
	s := secret("leak")
	for _, text := range []string{
		string(s), hex.EncodeToString(s), base64.StdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s[1:]),
		fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprintf("%q", s), fmt.Sprintf("%X", s), fmt.Sprintf("% x", s), fmt.Sprintf("%+v", struct{ S []byte }{s}),
		"key " + hex.EncodeToString(s[8:16]) + " refused",
	} {
		require.NotEmpty(t, leak(text, s), text)
	}
	require.Empty(t, leak("key ring of 3 keys [secret]", s))
}

// jwk is one entry of a key file.
type jwk map[string]any

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encryptionJWK(kid string) jwk {
	return jwk{"kid": kid, "use": "enc", "kty": "oct", "alg": "A256GCM", "k": b64(secret(kid + " enc"))}
}

func signingJWK(tb testing.TB, kid string, alg keys.Algorithm) jwk {
	tb.Helper()
	entry := jwk{"kid": kid, "use": "sig", "alg": string(alg)}
	switch alg {
	case keys.HS256:
		entry["kty"], entry["k"] = "oct", b64(secret(kid+" sig"))
	case keys.EdDSA:
		key := ed25519Key(kid + " sig")
		entry["kty"], entry["crv"] = "OKP", "Ed25519"
		entry["x"], entry["d"] = b64(key[32:]), b64(key.Seed())
	case keys.ES256:
		key := p256Key(tb, kid+" sig")
		point, err := key.PublicKey.Bytes()
		require.NoError(tb, err)
		entry["kty"], entry["crv"] = "EC", "P-256"
		entry["x"], entry["y"], entry["d"] = b64(point[1:33]), b64(point[33:]), b64(secret(kid+" sig"))
	}
	return entry
}

func keyFile(tb testing.TB, entries ...jwk) []byte {
	tb.Helper()
	text, err := json.Marshal(map[string]any{"keys": entries})
	require.NoError(tb, err)
	return text
}
