package keys_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// pair is a key that signs, one that verifies, and the same two for golang-jwt.
type pair struct {
	sign, verify *keys.Key
	method       jwt.SigningMethod
	jwtSign      any
	jwtVerify    any
}

func pairs(t *testing.T) map[string]pair {
	t.Helper()
	all := signingKeys(t)
	key := func(name string) *keys.Key {
		return newKey(t, keys.Material{ID: "k1", Signing: all[name], Encryption: secret("e")})
	}
	return map[string]pair{
		"HS256": {key("HS256"), key("HS256"), jwt.SigningMethodHS256, all["HS256"], all["HS256"]},
		"EdDSA": {key("EdDSA private"), key("EdDSA public"), jwt.SigningMethodEdDSA, all["EdDSA private"], all["EdDSA public"]},
		"ES256": {key("ES256 private"), key("ES256 public"), jwt.SigningMethodES256, all["ES256 private"], all["ES256 public"]},
	}
}

func TestSignaturesVerify(t *testing.T) {
	for name, p := range pairs(t) {
		t.Run(name, func(t *testing.T) {
			for size := range 200 { // of an ECDSA signature, every 128th has a number that begins with a zero byte
				input := bytes.Repeat([]byte{'i'}, size)
				signature, err := p.sign.Sign([]byte("in front"), input)
				require.NoError(t, err)
				signature, there := bytes.CutPrefix(signature, []byte("in front"))
				require.True(t, there, "Sign appends")
				require.Len(t, signature, p.sign.SignatureSize())
				require.NoError(t, p.verify.Verify(input, signature))
				require.NoError(t, p.sign.Verify(input, signature))
				require.NoError(t, p.method.Verify(string(input), signature, p.jwtVerify), "golang-jwt verifies what we sign")

				foreign, err := p.method.Sign(string(input), p.jwtSign)
				require.NoError(t, err)
				require.NoError(t, p.verify.Verify(input, foreign), "we verify what golang-jwt signs")
			}
		})
	}
}

func TestSignaturesRefused(t *testing.T) {
	input := []byte("input")
	for name, p := range pairs(t) {
		t.Run(name, func(t *testing.T) {
			signature, err := p.sign.Sign(nil, input)
			require.NoError(t, err)
			const refused = "keys: signature does not match"
			for i := range signature {
				for bit := range 8 {
					changed := bytes.Clone(signature)
					changed[i] ^= 1 << bit
					require.EqualError(t, p.verify.Verify(input, changed), refused, "bit %d of byte %d", bit, i)
				}
			}
			for size := range signature {
				require.EqualError(t, p.verify.Verify(input, signature[:size]), refused, "%d bytes", size)
			}
			require.EqualError(t, p.verify.Verify(input, nil), refused)
			require.EqualError(t, p.verify.Verify(input, append(bytes.Clone(signature), 0)), refused)
			require.EqualError(t, p.verify.Verify(input, append([]byte{0}, signature...)), refused)
			require.EqualError(t, p.verify.Verify(input, make([]byte, len(signature))), refused)
			require.EqualError(t, p.verify.Verify(input, make([]byte, 1<<20)), refused)
			require.EqualError(t, p.verify.Verify([]byte("Input"), signature), refused)
			require.EqualError(t, p.verify.Verify([]byte("input "), signature), refused)
			require.EqualError(t, p.verify.Verify(nil, signature), refused)

			for foreign, other := range pairs(t) {
				if foreign != name {
					require.EqualError(t, other.verify.Verify(input, signature), refused)
				}
			}
			stranger, err := keys.Generate(p.sign.Algorithm(), now, now.AddDate(1, 0, 0))
			require.NoError(t, err)
			require.EqualError(t, stranger.Verify(input, signature), refused)
		})
	}
}

// JOSE has the two numbers of an ECDSA signature side by side (RFC 7518, section 3.4); crypto/ecdsa has ASN.1.
func TestASN1SignatureRefused(t *testing.T) {
	sum := sha256.Sum256([]byte("input"))
	signature, err := ecdsa.SignASN1(rand.Reader, p256Key(t, "signing"), sum[:])
	require.NoError(t, err)
	require.Error(t, pairs(t)["ES256"].verify.Verify([]byte("input"), signature))
}

// HMAC-SHA256 of "hello" under the derived signing key, computed with Python's hmac.
func TestHS256Vector(t *testing.T) {
	ring, err := keys.FromSecrets(vectorSecret)
	require.NoError(t, err)
	signature, err := ring.Key(vectorID).Sign(nil, []byte("hello"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "b42f6cc4e672bb573df4b602d07ac9a8680d2a4082938eac114e3a40cc4b7983"), signature)
}

func TestPublicKeysCannotSign(t *testing.T) {
	for name, p := range pairs(t) {
		if name == "HS256" {
			continue
		}
		require.False(t, p.verify.CanSign())
		out, err := p.verify.Sign([]byte("in front"), []byte("input"))
		require.EqualError(t, err, "keys: a public key can't sign")
		require.Nil(t, out)
	}
}

// A confused verifier takes an Ed25519 public key for an HMAC secret. The algorithm is the key's, so it never does.
func TestPublicKeyIsNoHMACSecret(t *testing.T) {
	public := ed25519Key("signing").Public().(ed25519.PublicKey)
	forged, err := jwt.SigningMethodHS256.Sign("input", []byte(public))
	require.NoError(t, err)
	require.Error(t, pairs(t)["EdDSA"].verify.Verify([]byte("input"), forged))
}

func TestKeysInConcurrentUse(t *testing.T) {
	for name, p := range pairs(t) {
		t.Run(name, func(t *testing.T) {
			var group sync.WaitGroup
			failed := make(chan error, 8)
			for worker := range 8 {
				group.Go(func() {
					input := []byte(strings.Repeat("x", worker))
					for range 20 {
						signature, err := p.sign.Sign(nil, input)
						if err == nil {
							err = p.verify.Verify(input, signature)
						}
						if err == nil {
							_, err = p.sign.AEAD().Open(nil, nil, seal(p.sign), []byte("header"))
						}
						if err != nil {
							failed <- err
							return
						}
					}
				})
			}
			group.Wait()
			require.Empty(t, failed)
		})
	}
}

func TestAEAD(t *testing.T) {
	key := newKey(t, keys.Material{ID: "k1", Signing: secret("s"), Encryption: secret("e")})
	require.Zero(t, key.AEAD().NonceSize(), "the nonce is not the caller's to choose")
	require.Equal(t, 12+16, key.AEAD().Overhead())

	sealed := seal(key)
	require.Len(t, sealed, 12+len("plain")+16)
	require.NotEqual(t, sealed[:12], seal(key)[:12], "each nonce is a fresh one")
	require.Equal(t, "plain", string(open(t, key, sealed)))
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		_, err := key.AEAD().Open(nil, nil, changed, []byte("header"))
		require.Error(t, err, "byte %d", i)
	}
	_, err := key.AEAD().Open(nil, nil, sealed, []byte("Header"))
	require.Error(t, err)
	other := newKey(t, keys.Material{ID: "k1", Signing: secret("s"), Encryption: secret("other")})
	_, err = other.AEAD().Open(nil, nil, sealed, []byte("header"))
	require.Error(t, err)
}

// The wire format is plain AES-256-GCM with the nonce in front, so any implementation opens it.
func TestAEADIsPlainGCM(t *testing.T) {
	key := newKey(t, keys.Material{ID: "k1", Signing: secret("s"), Encryption: secret("e")})
	block, err := aes.NewCipher(secret("e"))
	require.NoError(t, err)
	sealed := seal(key)
	gcm := plainGCM(t, block)
	plain, err := gcm.Open(nil, sealed[:12], sealed[12:], []byte("header"))
	require.NoError(t, err)
	require.Equal(t, "plain", string(plain))
}

func plainGCM(t *testing.T, block cipher.Block) cipher.AEAD {
	t.Helper()
	defer func() {
		if recover() != nil {
			t.Skip("a GCM whose nonce the caller chooses is not allowed in FIPS 140 mode")
		}
	}()
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Skip("a GCM whose nonce the caller chooses is not allowed in FIPS 140 mode")
	}
	return gcm
}
